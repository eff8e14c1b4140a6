import { shapingLists } from "../contracts/settings/answering.ts";
import { inference } from "../contracts/settings/inference.ts";
import { personal } from "../contracts/settings/personal.ts";
import { personalizer } from "../contracts/settings/personalizer.ts";
import { query } from "../contracts/settings/query.ts";
import { reviewsOfRequests } from "../contracts/settings/reviews.ts";
import { server } from "../contracts/settings/server.ts";
import type { Deployment } from "./deployment.ts";

/** The path at which Cloud Run mounts the secret that signs attribution tokens. */
export const TOKEN_KEY_FILE = "/secrets/token-key";

const { "personal.ahead": _ofNights, ...ofRequests } = personal;

/** The settings that each service goes by. */
export const SERVING = {
  recommender: { ...query, ...server, ...ofRequests, ...reviewsOfRequests },
  personalizer: { ...shapingLists, ...personalizer, shops: server.shops },
  inference,
};
type Serving = keyof typeof SERVING;

/** Where services are, and how they are called: functions are told of the ones on Google Cloud. */
const ADDRESSES = ["personal", "reviews"].flatMap((name) => [`${name}.address`, `${name}.auth`]);

/** The deployment decides on these itself; in the settings file they are for one's own machine. */
const DECIDED = [
  ...["host", "port", "access", "page", "opsHost", "opsPort", "tokenKeyFile"],
  ...ADDRESSES,
  ...["personalizer", "inference"].flatMap((service) =>
    ["host", "port", "opsHost", "opsPort"].map((name) => `${service}.${name}`),
  ),
];

/** True if a setting says where a service is. */
export const isAddress = (name: string) => ADDRESSES.includes(name);

/** True if a setting of the file is passed on to a service. */
const isPassedOn = (name: string, service: Serving) => name in SERVING[service] && !DECIDED.includes(name);

/** True if a setting of the file is passed on to any service. */
export const isAboutServing = (name: string) =>
  (Object.keys(SERVING) as Serving[]).some((service) => isPassedOn(name, service));

/** The parts of a deployment that decide what is served. */
type Served = Pick<Deployment, "given" | "steamer" | "deploy">;

/**
 * True if a shop has a Personalizer of its own: for itself, and for all whom its recommender
 * serves. Nights make factors by Spark alone.
 */
export const hasPersonalizer = ({ steamer, deploy }: Pick<Served, "steamer" | "deploy">) =>
  deploy.personalizer &&
  deploy.servedBy === undefined &&
  steamer.engine === "dataproc" &&
  steamer["als.factors"] > 0;

/**
 * True if a shop takes reviews, for itself and for all whom its recommender serves. It has an
 * inference service of its own then.
 */
export const hasReviews = ({ steamer, deploy }: Pick<Served, "steamer" | "deploy">) =>
  steamer["reviews.on"] && deploy.servedBy === undefined;

/** True where the shop's catalogue is pushed between nights. */
export const hasPushes = ({ deploy }: Pick<Served, "deploy">) => deploy.catalogueSchedule !== undefined;

/** The settings of a service on Cloud Run: its place, and the file's settings about it. */
export function settingsFor(service: Serving, { given, steamer }: Served): Record<string, string> {
  const { shop, project, region, data, pointer, functionsUrl } = steamer;
  const said = Object.entries(given).filter(([name]) => isPassedOn(name, service));
  return {
    shop,
    project,
    // Queues and functions of users' lists and reviews lie there.
    region,
    ...(functionsUrl ? { functionsUrl } : {}),
    data,
    pointer,
    ...Object.fromEntries(said.map(([name, value]) => [name, text(value)])),
  };
}

/** A setting's value as text for an environment variable. */
function text(value: unknown): string {
  // Only weights may be null.
  if (value === null) return "uniform";
  if (Array.isArray(value)) return value.join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map((pair) => pair.join("="))
    .join(",");
}
