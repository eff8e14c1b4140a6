import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import type { Tool } from "../command-line.ts";
import { stamp } from "../names.ts";
import { METRICS } from "../metrics.ts";
import { POLICIES } from "../policies.ts";
import { hasPersonalizer, hasPushes, hasReviews } from "../serving.ts";
import { withFile } from "./storage.ts";

/** True where a shop has this part. Nights are everywhere. */
const HAS: Record<keyof typeof POLICIES, (cloud: Cloud) => boolean> = {
  nights: () => true,
  personal: hasPersonalizer,
  reviews: hasReviews,
  pushes: hasPushes,
};

/**
 * Of things that belong to parts of a deployment, those that it makes or mends: of its own parts,
 * and what is there already, as another shop of the project may have made it.
 */
function wantedOf<T>(
  cloud: Cloud,
  things: Partial<Record<keyof typeof HAS, readonly T[]>>,
  isThere: (thing: T) => boolean,
): T[] {
  return Object.entries(things).flatMap(([part, all]) =>
    HAS[part as keyof typeof HAS](cloud) ? all : all.filter(isThere),
  );
}

/** Made early in a deployment: a policy may only name a metric that Monitoring has seen. */
export async function makeMetrics(cloud: Cloud): Promise<void> {
  const { gcloud } = cloud;
  const there = await gcloud.list<{ name: string; description?: string }>("logging", "metrics", "list");
  const find = ({ name }: { name: string }) => there.find((each) => each.name === name);
  const { nights, reviews } = METRICS;
  const isThere = (metric: { name: string }) => find(metric) !== undefined;
  for (const metric of wantedOf(cloud, { nights: [nights], reviews: [reviews] }, isThere)) {
    const description = `${metric.metricDescriptor.displayName} (${stamp(metric)})`;
    const found = find(metric);
    if (found?.description === description) continue;
    const verb = found ? "update" : "create";
    await withFile({ ...metric, description }, (file) =>
      gcloud.change("logging", "metrics", verb, metric.name, `--config-from-file=${file}`),
    );
  }
}

interface Policy {
  name: string;
  displayName: string;
  userLabels?: Record<string, string>;
}

/**
 * The existing policies, and the commands about them: older releases of gcloud have them as `alpha`
 * only.
 */
export async function findPolicies(gcloud: Tool): Promise<{ commands: string[]; policies: Policy[] }> {
  const commands = ["monitoring", "policies"];
  const find = async (words: string[]) => ({
    commands: words,
    policies: await gcloud.list<Policy>(...words, "list"),
  });
  try {
    return await find(commands);
  } catch (error) {
    if (!(error instanceof Problem) || !error.why.includes("Invalid choice")) throw error;
    return find(["alpha", ...commands]);
  }
}

/** Creating a policy always makes another one, so each is first looked up by its name. */
export async function makeAlarms(cloud: Cloud): Promise<void> {
  const { gcloud } = cloud;
  const notificationChannels = await makeChannels(cloud);
  const { commands, policies } = await findPolicies(gcloud);
  const find = (name: string) => policies.find(({ displayName }) => displayName === name);
  const isThere = ({ displayName }: { displayName: string }) => find(displayName) !== undefined;
  for (const policy of wantedOf(cloud, POLICIES, isThere)) {
    const content = { ...policy, notificationChannels };
    const made = stamp(content);
    const found = find(policy.displayName);
    if (found?.userLabels?.["stamp"] === made) continue;
    const userLabels = { app: "steamer", stamp: made };
    const verb = found ? ["update", found.name] : ["create"];
    await withFile({ ...content, userLabels }, (file) =>
      gcloud.change(...commands, ...verb, `--policy-from-file=${file}`),
    );
  }
}

/** Lists the recipients of alarms. */
export const CHANNELS = ["beta", "monitoring", "channels", "list", '--filter=userLabels.app="steamer"'];

interface Channel {
  name: string;
  labels?: { email_address?: string };
}

/** All shops of a project alert the same people: addresses are added, never taken away. */
async function makeChannels({ gcloud, deploy, journal }: Cloud): Promise<string[]> {
  const list = () => gcloud.list<Channel>(...CHANNELS);
  const there = await list();
  const missing = deploy.alertEmails.filter(
    (email) => !there.some(({ labels }) => labels?.email_address === email),
  );
  for (const email of missing) {
    const labels = [`--channel-labels=email_address=${email}`, "--user-labels=app=steamer"];
    const name = `--display-name=Steamer: ${email}`;
    await gcloud.change("beta", "monitoring", "channels", "create", "--type=email", name, ...labels);
  }
  const all = missing.length > 0 && !journal.dryRun ? await list() : there;
  return all.map(({ name }) => name).sort();
}
