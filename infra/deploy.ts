/**
 * infra/deploy <settings file> [--dry-run] [--spark <folder>]: brings a project to the state that
 * the settings file describes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "./assemble.ts";
import type { Cloud } from "./cloud.ts";
import { together } from "./command-line.ts";
import { main } from "./program.ts";
import { grantRoles, makeAccounts } from "./steps/accounts.ts";
import { makeAlarms, makeMetrics } from "./steps/alarms.ts";
import { routeAttribution } from "./steps/attribution.ts";
import { checkCatalogue, letReadCatalogue } from "./steps/catalogue.ts";
import { makeDatabases } from "./steps/datastore.ts";
import { makeScratchDataset } from "./steps/datasets.ts";
import { deployFunctions } from "./steps/functions.ts";
import { checkItemAliases } from "./steps/item-aliases.ts";
import { buildTemplate, uploadSpark } from "./steps/jobs.ts";
import { removeUnwanted } from "./steps/grpc-services.ts";
import { deployInference } from "./steps/inference.ts";
import { deployPersonalizer } from "./steps/personalizer.ts";
import { preflight } from "./steps/preflight.ts";
import { makeQueues } from "./steps/queue.ts";
import { deployRecommender } from "./steps/recommender.ts";
import { schedule } from "./steps/scheduler.ts";
import { uploadSettings } from "./steps/settings.ts";
import { makeBuckets, makeRepository } from "./steps/storage.ts";
import { makeTokenKey } from "./steps/token-key.ts";

/** What assemble.ts makes of it is deployed. */
const DEPLOYED = ["functions", "recommender", "personalizer", "inference"] as const;

/** Folders with the code to deploy: those that assemble.ts makes, and that of the Spark job. */
export interface Sources extends Record<(typeof DEPLOYED)[number], string> {
  /** From spark-jobs/package.sh; without a folder it is built. */
  spark?: string;
}

/**
 * Every step finds out the present state and changes only the differences. The night is scheduled
 * last, when everything it needs exists.
 */
export async function deploy(cloud: Cloud, sources: Sources, log = (_line: string) => {}): Promise<void> {
  const steps: [title: string, ...actions: ((cloud: Cloud) => Promise<void>)[]][] = [
    ["preflight", preflight],
    ["accounts", makeAccounts],
    ["buckets, repository, queues, databases", makePlaces, checkCatalogue, checkItemAliases],
    ["roles, secret", grantRoles, letReadCatalogue, makeScratchDataset, makeTokenKey],
    ["jobs", () => uploadSpark(cloud, sources.spark), buildTemplate],
    // What comes below asks for their addresses.
    ["Personalizer", () => deployPersonalizer(cloud, sources.personalizer)],
    ["inference service", () => deployInference(cloud, sources.inference)],
    ["functions", () => deployFunctions(cloud, sources.functions)],
    ["recommender", routeAttribution, () => deployRecommender(cloud, sources.recommender)],
    // Old programs might not understand them.
    ["settings", uploadSettings],
    ["schedule, alarms", schedule, makeAlarms],
    // Now nobody asks them any more.
    ["what is wanted no more", removeUnwanted],
  ];
  for (const [title, ...actions] of steps) {
    log(`── ${title}`);
    for (const action of actions) await action(cloud);
  }
}

async function makePlaces(cloud: Cloud): Promise<void> {
  const makers = [makeBuckets, makeRepository, makeQueues, makeDatabases, makeMetrics];
  await together(makers.map((make) => make(cloud)));
}

/** Assembles the deployables in a temporary folder. */
async function withAssembled(use: (sources: Sources) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-assembled-"));
  const place = (name: string) => join(folder, name);
  const sources = Object.fromEntries(DEPLOYED.map((name) => [name, place(name)]));
  try {
    for (const name of DEPLOYED) await assemble(name, place(name));
    await use(sources as Record<(typeof DEPLOYED)[number], string>);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const usage = "infra/deploy <settings file> [--dry-run] [--spark <folder>]";
  await main(usage, ["spark="], async (cloud, { spark }) => {
    const packed = typeof spark === "string" ? { spark } : {};
    await withAssembled((sources) => deploy(cloud, { ...sources, ...packed }, console.log));
    const { changes, dryRun } = cloud.journal;
    if (dryRun) return `${changes} changes would be made.`;
    return changes === 0 ? "Nothing to change." : `${changes} changes made.`;
  });
}
