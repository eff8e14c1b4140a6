import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import type { Tool } from "../command-line.ts";
import { stamp } from "../names.ts";
import { withFile } from "./storage.ts";

export const MODEL_AGE = "steamer_model_age";
const RUNS_ON = 'resource.type="cloud_run_revision"';
const HOUR = "3600s";
/** The longest silence that a policy can ask for. */
const SILENCE = "84600s";

/** The model's age from start-run's log, one line a shop and hour, as a distribution of hours. */
const metric = {
  name: MODEL_AGE,
  filter: `${RUNS_ON} AND jsonPayload.event="model age"`,
  valueExtractor: "EXTRACT(jsonPayload.ageHours)",
  labelExtractors: { shop: "EXTRACT(jsonPayload.shop)" },
  metricDescriptor: {
    metricKind: "DELTA",
    valueType: "DISTRIBUTION",
    unit: "h",
    displayName: "Steamer: age of the model",
    labels: [{ key: "shop", valueType: "STRING", description: "the shop" }],
  },
  // One bucket for each hour: a percentile is exact to the hour.
  bucketOptions: { linearBuckets: { numFiniteBuckets: 96, width: 1, offset: 0 } },
};

const age = {
  filter: `metric.type="logging.googleapis.com/user/${MODEL_AGE}" AND ${RUNS_ON}`,
  aggregations: [
    {
      alignmentPeriod: HOUR,
      perSeriesAligner: "ALIGN_PERCENTILE_99",
      crossSeriesReducer: "REDUCE_MAX",
      groupByFields: ["metric.label.shop"],
    },
  ],
};
const documentation = (content: string) => ({ content, mimeType: "text/markdown" });

/** An old model and a silent metric both mean that the nights fail. */
const oldModel = {
  displayName: "Steamer: a model is older than 36 hours",
  combiner: "OR",
  conditions: [
    {
      displayName: "older than 36 hours",
      conditionThreshold: {
        ...age,
        comparison: "COMPARISON_GT",
        thresholdValue: 36,
        duration: "0s",
        trigger: { count: 1 },
      },
    },
    {
      displayName: "no age for a day",
      conditionAbsent: { ...age, duration: SILENCE, trigger: { count: 1 } },
    },
  ],
  documentation: documentation(
    "Customers still get the old model. `steamer runs` shows the nights; docs/OPERATIONS.md says what to do.",
  ),
};

const failedNight = {
  displayName: "Steamer: a night has failed",
  combiner: "OR",
  conditions: [
    {
      displayName: "night failed",
      conditionMatchedLog: {
        filter: `${RUNS_ON} AND severity>=ERROR AND jsonPayload.event="night failed"`,
        labelExtractors: Object.fromEntries(
          ["shop", "run", "stage"].map((name) => [name, `EXTRACT(jsonPayload.${name})`]),
        ),
      },
    },
  ],
  alertStrategy: { notificationRateLimit: { period: HOUR }, autoClose: "86400s" },
  documentation: documentation(
    "The log line and the run's manifest say why, and what to do next. Customers still get the old model.",
  ),
};

/** The policies' names, by which they are found again. */
export const POLICIES = [oldModel, failedNight].map(({ displayName }) => displayName);

/** Made early in a deployment: a policy may only name a metric that Monitoring has seen. */
export async function makeMetric({ gcloud }: Cloud): Promise<void> {
  const description = `Hours since the newest day of a shop's model ended (${stamp(metric)})`;
  const there = await gcloud.list<{ name: string; description?: string }>("logging", "metrics", "list");
  const found = there.find(({ name }) => name === MODEL_AGE);
  if (found?.description === description) return;
  await withFile({ ...metric, description }, (file) =>
    gcloud.change("logging", "metrics", found ? "update" : "create", MODEL_AGE, `--config-from-file=${file}`),
  );
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
  for (const policy of [oldModel, failedNight]) {
    const content = { ...policy, notificationChannels };
    const made = stamp(content);
    const found = policies.find(({ displayName }) => displayName === policy.displayName);
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
