import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import type { ReviewCounts, ReviewStore, ReviewTask } from "../../../day/reviews/review-store.ts";
import { Crew } from "../sqlite/crew.ts";
import { Desk } from "../sqlite/desk.ts";
import { lookEvery } from "../sqlite/looks.ts";
import type { openTables } from "./tables.ts";

// The extension of the running file tells if this is the source or the build.
const tables = new URL(`./tables${import.meta.url.slice(-3)}`, import.meta.url).href;

/** Pause between two looks for tasks that others have left behind, or that are due again. */
const LOOK_MS = 1_000;
/** Somebody waits for these; nobody does for those of the second kind. */
const REQUEST_MS = 2_000;
const PATIENT_MS = 10_000;

export interface ReviewStoreOptions {
  /** Tasks of a shop that may be at work in this process. */
  atOnce: number;
  /** After so long a task at work is taken for abandoned. */
  leaseMs: number;
  /** Is told of the first failure of several in a row. */
  failed(error: unknown): void;
  now?(): number;
}

/** Opens the reviews of a data folder. The file is opened with the first call. */
export function openReviewStore(folder: string, options: ReviewStoreOptions): ReviewStore {
  const { atOnce, leaseMs, failed, now = Date.now } = options;
  const desk = new Desk<ReturnType<typeof openTables>>({ file: join(folder, paths.reviews), tables }, failed);
  const crews = new Map<string, { crew: Crew<ReviewTask>; counts: ReviewCounts | null }>();

  async function look(): Promise<void> {
    for (const [shop, each] of crews) {
      each.counts = await desk.ask(PATIENT_MS, "counts", shop).catch(() => null);
      if (each.counts && each.counts.waiting + each.counts.waitingAgain > 0) void each.crew.wake();
    }
  }

  const stopLooking = lookEvery(LOOK_MS, look);

  return {
    reviews: {
      async add(review, limits, now) {
        const added = await desk.ask(REQUEST_MS, "add", review, limits, now);
        if (added.outcome === "added") void crews.get(review.shop)?.crew.wake();
        return added;
      },
      get: (shop, id) => desk.ask(REQUEST_MS, "get", shop, id),
      page: (shop, item, n, start) => desk.ask(REQUEST_MS, "page", shop, item, n, start),
      ratings: (shop, since) => desk.ask(PATIENT_MS, "ratings", shop, since),
      written: (shop, from, place) => desk.ask(PATIENT_MS, "written", shop, from, place),
      latestOf: (shop, user, most) => desk.ask(REQUEST_MS, "latestOf", shop, user, most),
      exportUser: (shop, user) => desk.ask(PATIENT_MS, "exportUser", shop, user),
      eraseUser: (shop, user) => desk.ask(PATIENT_MS, "eraseUser", shop, user),
    },
    tasks: {
      take: (from, most, now, until) => desk.ask(PATIENT_MS, "take", from, most, now, until),
      score: (task, scored) => desk.ask(PATIENT_MS, "score", task, scored),
      postpone: (task, dueAt, counts) => desk.ask(PATIENT_MS, "postpone", task, dueAt, counts),
      setAside: (task, reason) => desk.ask(PATIENT_MS, "setAside", task, reason),
      failed: (shop, most) => desk.ask(PATIENT_MS, "failed", shop, most),
      retryFailed: (shop, place) => desk.ask(PATIENT_MS, "retryFailed", shop, place),
      rescore: (shop, model, place) => desk.ask(PATIENT_MS, "rescore", shop, model, place),
      counts: (shop) => desk.ask(PATIENT_MS, "counts", shop),
    },
    work(shop, carry, admits) {
      const take = async (most: number) =>
        admits() ? desk.ask(PATIENT_MS, "take", { shop }, most, now(), now() + leaseMs) : [];
      const crew = new Crew<ReviewTask>({ atOnce, take, carry });
      crews.set(shop, { crew, counts: null });
      void crew.wake();
    },
    wake: (shop) => void crews.get(shop)?.crew.wake(),
    lastCounts: (shop) => crews.get(shop)?.counts ?? null,
    failing: () => (desk.isFailing ? ["reviews"] : []),
    async close() {
      const stopped = stopLooking();
      const left = (await Promise.all([...crews.values()].map(({ crew }) => crew.close()))).flat();
      await stopped;
      // Another instance, or the next start, takes them at once.
      if (left.length > 0) await desk.ask(PATIENT_MS, "giveBack", left).catch(() => {});
      await desk.close();
    },
  };
}
