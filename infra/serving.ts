import { shapingLists } from "../contracts/settings/answering.ts";
import { personal } from "../contracts/settings/personal.ts";
import { personalizer } from "../contracts/settings/personalizer.ts";
import { query } from "../contracts/settings/query.ts";
import { server } from "../contracts/settings/server.ts";
import type { Deployment } from "./deployment.ts";

/** The path at which Cloud Run mounts the secret that signs attribution tokens. */
export const TOKEN_KEY_FILE = "/secrets/token-key";

const { "personal.ahead": _ofNights, ...ofRequests } = personal;

/** The settings that each service goes by. */
export const SERVING = {
  recommender: { ...query, ...server, ...ofRequests },
  personalizer: { ...shapingLists, ...personalizer, shops: server.shops },
};
type Serving = keyof typeof SERVING;

/** The deployment decides on these itself; in the settings file they are for one's own machine. */
const DECIDED = [
  ...["host", "port", "access", "page", "opsHost", "opsPort", "tokenKeyFile"],
  ...["personal.address", "personal.auth"],
  ...["host", "port", "opsHost", "opsPort"].map((name) => `personalizer.${name}`),
];

/** True if the deployment decides on a setting. */
export const isDecided = (name: string) => DECIDED.includes(name);

/** True if a setting is about users' lists. */
export const isAboutPersonal = (name: string) => name in personal;

/** True if a setting of the file is passed on to a service. */
export const isPassedOn = (name: string, service: Serving) => name in SERVING[service] && !isDecided(name);

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

/** The settings of a recommender on Cloud Run: its place, and the file's settings about serving. */
export const recommenderSettings = (served: Served): Record<string, string> => ({
  ...settingsFor("recommender", served),
  access: served.deploy.access,
});

/** The same of a Personalizer. */
export const personalizerSettings = (served: Served): Record<string, string> =>
  settingsFor("personalizer", served);

function settingsFor(service: Serving, { given, steamer }: Served): Record<string, string> {
  const { shop, project, region, data, pointer, functionsUrl } = steamer;
  const said = Object.entries(given).filter(([name]) => isPassedOn(name, service));
  return {
    shop,
    project,
    // Queue and function of users' lists lie there.
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
