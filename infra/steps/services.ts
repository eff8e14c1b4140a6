import type { Account } from "../../contracts/google-names.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { LABEL, stamp } from "../names.ts";
import { bind, unbind } from "./bindings.ts";

/** The facts about a Cloud Run service that a deployment needs. */
export interface Service {
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
  status?: {
    conditions?: { type: string; status: string }[];
    latestCreatedRevisionName?: string;
    traffic?: { revisionName?: string }[];
    url?: string;
  };
}

/** The Cloud Run services of the project in the shop's region, by name. */
export async function findServices({ gcloud, steamer }: Cloud): Promise<Map<string, Service>> {
  const all = await gcloud.list<Service>("run", "services", "list", `--region=${steamer.region}`);
  return new Map(all.map((service) => [service.metadata.name, service]));
}

/** The flags of every service that holds models in memory. */
export const modelServiceFlags = (
  { email }: Cloud,
  { image, account, memory, cpu }: { image: string; account: Account; memory: string; cpu: number },
): string[] => [
  `--image=${image}`,
  `--service-account=${email(account)}`,
  "--no-allow-unauthenticated",
  // Pointers and lists are also polled between requests.
  "--port=8080",
  `--memory=${memory}`,
  `--cpu=${cpu}`,
  "--cpu-boost",
  "--no-cpu-throttling",
];

/** The wanted state of a service. */
export interface Wanted {
  name: string;
  flags: string[];
  /** The check of callers: by Cloud Run (iam), or by the service itself (keys). */
  access: "iam" | "keys";
  /** The members who have these roles on the service; nobody else may have them. */
  members: string[];
  roles: string[];
}

/**
 * Deploys a service of one shop, if it has changed. Cloud Run's check of callers belongs to the
 * service, not to a revision. Turning it off with a deployment would take effect at once, for the
 * revision that still answers.
 */
export async function deployService(
  cloud: Cloud,
  found: Service | undefined,
  { name, flags, access, members, roles }: Wanted,
): Promise<void> {
  const { gcloud, steamer } = cloud;
  const at = `--region=${steamer.region}`;
  const service = { group: ["run", "services"], name, flags: [at], conditions: false };
  const rights = roles.flatMap((role) => members.map((member) => ({ role, member })));
  // Callers get their right before the check begins.
  if (found) await bind(gcloud, service, rights);
  const looksAtKeys = access === "keys";
  const made = stamp(flags);
  let isOpen = found?.metadata.annotations?.[UNCHECKED]?.toLowerCase() === "true";
  // A revision that did not start has left its stamp all the same.
  if (!isReady(found) || found?.metadata.labels?.["stamp"] !== made) {
    // The service stays open for callers with keys if the last revision started and alone gets
    // traffic. Then they are served while the next revision starts.
    isOpen &&= looksAtKeys && isReady(found) && hasAllTraffic(found);
    const labels = `--labels=${LABEL},shop=${steamer.shop},stamp=${made}`;
    const check = isOpen ? [] : ["--invoker-iam-check"];
    await gcloud.change("run", "deploy", name, at, ...flags, ...check, labels);
  }
  const update = ["run", "services", "update", name, at];
  if (isOpen && !looksAtKeys) await gcloud.change(...update, "--invoker-iam-check");
  if (!isOpen && looksAtKeys) {
    await checkTraffic(cloud, name, at);
    await gcloud.change(...update, "--no-invoker-iam-check");
  }
  if (!found) await bind(gcloud, service, rights);
  // Google Cloud returns addresses in lower case.
  const wanted = members.map((member) => member.toLowerCase());
  const isOther = (member: string, role: string) =>
    roles.includes(role) && !wanted.includes(member.toLowerCase());
  await unbind(gcloud, service, isOther);
}

/** Annotation of a service whose callers Cloud Run does not check. */
const UNCHECKED = "run.googleapis.com/invoker-iam-disabled";

const isReady = (service: Service | undefined) =>
  service?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** True when nobody can reach an older revision, by a share of the traffic or by a tag. */
function hasAllTraffic(service: Service | null | undefined): boolean {
  const { traffic = [], latestCreatedRevisionName } = service?.status ?? {};
  return (
    traffic.length > 0 && traffic.every(({ revisionName }) => revisionName === latestCreatedRevisionName)
  );
}

/** @throws Problem when a revision could be reached that does not check keys. */
async function checkTraffic({ gcloud, steamer, journal }: Cloud, name: string, at: string): Promise<void> {
  if (journal.dryRun) return;
  if (hasAllTraffic(await gcloud.readJson<Service>("run", "services", "describe", name, at))) return;
  throw new Problem({
    doing: `Turning off Cloud Run's check of who calls ${name}`,
    why: "older revisions, which may not look at keys, can be reached by a share of the traffic or by a tag",
    next: `gcloud run services update-traffic ${name} ${at} --project=${steamer.project} --to-latest --clear-tags, and deploy again`,
  });
}
