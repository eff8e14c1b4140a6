import { randomUUID } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Classification } from "../../../day/classifier.ts";
import type {
  FailedReview,
  MarkedPart,
  ReviewCounts,
  ReviewTask,
} from "../../../day/reviews/review-store.ts";
import { taskOf, type ReviewRow } from "./rows.ts";
import { atomically } from "./schema.ts";
import type { sumsOf } from "./sums.ts";

/** Reviews that are looked at in one step of many: nobody should wait for long meanwhile. */
const STEP = 2_000;
/** What is to be done first. */
const TASKS = ["waiting", "rescoring"] as const;

/** Reviews as tasks: see the port `ReviewTasks`. */
export function taskRowsOf(database: DatabaseSync, sums: ReturnType<typeof sumsOf>) {
  const statement = (sql: string) => database.prepare(sql);
  const take = statement(`UPDATE reviews SET lease = :lease, due_at = :until WHERE number IN (
    SELECT number FROM reviews AS r WHERE shop = :shop AND task = :task AND due_at <= :now
      AND (:item IS NULL OR item = :item) AND NOT EXISTS (
        SELECT 1 FROM reviews AS e
        WHERE e.shop = r.shop AND e.task = r.task AND e.item = r.item AND e.number < r.number)
    ORDER BY number LIMIT :most) RETURNING *`);
  const held = statement("SELECT * FROM reviews WHERE id = ? AND lease = ?");
  const score = statement(`UPDATE reviews SET task = NULL, lease = NULL, reason = NULL, label = :label,
    score = :score, sentiment = :sentiment, model = :model, truncated = :truncated WHERE id = :id`);
  const postpone = statement(`UPDATE reviews SET lease = NULL, due_at = :dueAt, tries = :tries,
    faults = :faults WHERE id = :id AND lease = :lease`);
  const setAside = statement(`UPDATE reviews SET task = 'failed', lease = NULL, reason = :reason
    WHERE id = :id AND lease = :lease`);
  const failed = statement(`SELECT id, item, at, reason FROM reviews WHERE shop = ? AND task = 'failed'
    ORDER BY number LIMIT ?`);
  const failedStep = statement(`SELECT max(number) AS last FROM (SELECT number FROM reviews
    WHERE shop = ? AND task = 'failed' AND number > ? ORDER BY number LIMIT ${STEP})`);
  const retry = statement(`UPDATE reviews SET due_at = 0, tries = 0, faults = 0, reason = NULL,
    task = iif(label IS NULL, 'waiting', 'rescoring')
    WHERE shop = :shop AND task = 'failed' AND number > :after AND number <= :last`);
  const step = statement(`SELECT max(number) AS last FROM (
    SELECT number FROM reviews WHERE number > ? ORDER BY number LIMIT ${STEP})`);
  const rescore = statement(`UPDATE reviews SET task = 'rescoring', due_at = 0, tries = 0, faults = 0
    WHERE number > :after AND number <= :last AND shop = :shop AND task IS NULL AND model <> :model`);
  const giveBack = statement("UPDATE reviews SET lease = NULL, due_at = 0 WHERE id = ? AND lease = ?");
  const counts = statement(`SELECT task, count(*) AS reviews FROM reviews
    WHERE shop = ? AND task IS NOT NULL GROUP BY task`);
  const oldest = statement(
    "SELECT at FROM reviews WHERE shop = ? AND task = 'waiting' ORDER BY number LIMIT 1",
  );

  const hasChanged = (update: ReturnType<typeof statement>, values: Record<string, SQLInputValue>) =>
    update.run(values).changes === 1;

  /** Changes the rows after a place, up to the last of a step. */
  function part(
    found: unknown,
    place: string,
    update: ReturnType<typeof statement>,
    values: Record<string, SQLInputValue>,
  ): MarkedPart {
    const { last } = found as { last: number | null };
    if (last === null) return { marked: 0, next: null };
    const marked = Number(update.run({ ...values, after: Number(place), last }).changes);
    return { marked, next: String(last) };
  }

  return {
    take(from: { shop: string; item?: string }, most: number, now: number, until: number): ReviewTask[] {
      const { shop, item = null } = from;
      const lease = randomUUID();
      return atomically(database, () => {
        const taken: ReviewTask[] = [];
        for (const task of TASKS) {
          const places = most - taken.length;
          const rows = take.all({ shop, item, task, lease, most: places, now, until });
          taken.push(...(rows as unknown as ReviewRow[]).map(taskOf));
        }
        return taken;
      });
    },
    score: ({ id, lease }: ReviewTask, { truncated, ...scored }: Classification) =>
      atomically(database, () => {
        const row = held.get(id, lease) as ReviewRow | undefined;
        if (!row) return false;
        const sentiment = Math.round(scored.sentiment * 1e6);
        score.run({ ...scored, id, sentiment, truncated: truncated ? 1 : 0 });
        sums.minus(row);
        sums.plus({ ...row, label: scored.label, sentiment });
        return true;
      }),
    postpone: (
      { id, lease }: ReviewTask,
      dueAt: number,
      { tries, faults }: Pick<ReviewTask, "tries" | "faults">,
    ) => hasChanged(postpone, { id, lease, dueAt, tries, faults }),
    setAside: ({ id, lease }: ReviewTask, reason: string) => hasChanged(setAside, { id, lease, reason }),
    failed: (shop: string, most: number) => failed.all(shop, most) as unknown as FailedReview[],
    retryFailed: (shop: string, place = "0") =>
      part(failedStep.get(shop, Number(place)), place, retry, { shop }),
    rescore: (shop: string, model: string, place = "0") =>
      part(step.get(Number(place)), place, rescore, { shop, model }),
    /** Ends leases whose work will not be finished. */
    giveBack: (tasks: ReviewTask[]) => tasks.forEach(({ id, lease }) => giveBack.run(id, lease)),
    counts(shop: string): ReviewCounts {
      const rows = counts.all(shop).map(({ task, reviews }) => [task as string, reviews as number] as const);
      const { waiting = 0, rescoring = 0, failed = 0 } = Object.fromEntries(rows) as Record<string, number>;
      const oldestAt = (oldest.get(shop)?.["at"] ?? null) as number | null;
      return { waiting, waitingAgain: rescoring, oldestAt, failed, ...sums.scored(shop) };
    },
  };
}
