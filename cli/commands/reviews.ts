import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { bucketOf } from "../../adapters/storage/choose.ts";
import { paths } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { ReviewStore } from "../../day/reviews/review-store.ts";
import { openStore } from "../../recommender/reviews/open-reviews.ts";
import { interruptible } from "../interruptible.ts";
import { markAll } from "../../day/reviews/mark-all.ts";
import { settingsOf, withSettings } from "../options.ts";
import { count, table } from "../table.ts";
import { print } from "../print.ts";

/** Reviews that were set aside, of which so many are listed. */
const LISTED = 100;

export function addReviews(program: Command): void {
  const command = program.command("reviews").description("reviews: what waits for its sentiment, and why");

  const status = command.command("status").description("count reviews that wait, failed, or have a score");
  withSettings(status, "shop").action((options) => withStore(options, showStatus));

  const failed = command.command("failed").description("list reviews whose text could not be scored");
  failed.option("--retry", "have all of them wait for their score again");
  withSettings(failed, "shop").action(({ retry, ...options }) =>
    interruptible("Having reviews wait again", (signal) =>
      withStore(options, (...of) => (retry ? retryFailed(...of, signal) : listFailed(...of))),
    ),
  );

  const rescore = command
    .command("rescore")
    .description("score again what another model scored; interrupted, it goes on when it is run again");
  withSettings(rescore, "reviews", "shop").action((options) =>
    interruptible("Scoring reviews again", (signal) =>
      withStore(options, async (store, settings) => {
        const { rescoreReviews } = await import("../rescore-reviews.ts");
        await rescoreReviews(store, settings, signal);
      }),
    ),
  );
}

async function withStore(
  options: Record<string, unknown>,
  work: (store: ReviewStore, settings: Settings) => Promise<void>,
): Promise<void> {
  const settings = settingsOf(options);
  const { data } = settings;
  if (bucketOf(data) === undefined && !existsSync(join(data, paths.reviews))) throw noReviews(data);
  const store = await openStore(settings, () => {});
  try {
    await work(store, settings);
  } catch (cause) {
    if (cause instanceof Problem || store.failing().length === 0) throw cause;
    const next = "docs/REVIEWS.md says where reviews are, and what to do if they are damaged";
    throw new Problem({ doing: "Working with reviews", why: (cause as Error).message, next, cause });
  } finally {
    await store.close();
  }
}

async function showStatus({ tasks }: ReviewStore, { shop }: Settings): Promise<void> {
  const { waiting, waitingAgain, oldestAt, failed, byLabel } = await tasks.counts(shop);
  const since = oldestAt === null ? "" : `, the oldest since ${shownTime(oldestAt)} (UTC)`;
  const again = waitingAgain === 0 ? "" : `, and ${count(waitingAgain)} for one of another model`;
  print(`${count(waiting)} reviews wait for a score${since}${again}.`);
  const next = failed === 0 ? "" : `: steamer reviews failed --shop ${shop}`;
  print(`${count(failed)} were set aside${next}.`);
  const rows = Object.entries(byLabel).map(([label, reviews]) => [label, count(reviews)]);
  if (rows.length > 0) print(`\n${table(["label", "reviews"], rows)}`);
}

async function listFailed({ tasks }: ReviewStore, { shop }: Settings): Promise<void> {
  const [failed, { failed: all }] = await Promise.all([tasks.failed(shop, LISTED), tasks.counts(shop)]);
  if (failed.length === 0) return print(`No review of ${shop} was set aside.`);
  const rows = failed.map(({ id, item, at, reason }) => [id, item, shownTime(at), reason]);
  print(table(["review", "item", "sent (UTC)", "reason"], rows));
  if (all > failed.length) print(`\nThese are the first ${failed.length} of ${count(all)}.`);
  print(`\nTo have them tried again: steamer reviews failed --retry --shop ${shop}`);
}

async function retryFailed(
  { tasks, wake }: ReviewStore,
  { shop }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const retried = await markAll((place) => tasks.retryFailed(shop, place), signal);
  wake(shop);
  print(`${count(retried)} reviews wait for their score again.`);
}

const shownTime = (at: number) => new Date(at).toISOString().slice(0, 19).replace("T", " ");

function noReviews(data: string): Problem {
  const next = "name the data folder of the recommender with --data; it takes reviews with --reviews.on";
  return new Problem({ doing: "Opening reviews", why: `there are none in ${data}`, next });
}
