import { describe, expect, it } from "vitest";
import { Breaker } from "../../../day/breaker.ts";
import { CallFailed } from "../../../day/calls.ts";
import { Retries } from "../../../day/retries.ts";
import type { ReviewTask } from "../../../day/reviews/review-store.ts";
import { scoreReview, type Scoring } from "../../../day/reviews/score-review.ts";

const TASK: ReviewTask = {
  id: "1",
  shop: "toys",
  item: "tent",
  text: "the text",
  traceparent: "tp",
  isAgain: false,
  tries: 0,
  faults: 0,
  lease: "l",
};
const SCORED = { label: "positive", score: 0.91234567, sentiment: 0.98765432, model: "m", truncated: false };

/** Scores a task with a service that answers each text so, and tells what was written. */
async function score(change: Partial<ReviewTask>, answers: Record<string, string>) {
  const written: unknown[] = [];
  const asked: string[] = [];
  const write =
    (name: string) =>
    async (_task: ReviewTask, ...args: unknown[]) => {
      written.push([name, ...args]);
      return true;
    };
  const scoring: Scoring = {
    tasks: { score: write("score"), postpone: write("postpone"), setAside: write("aside") } as never,
    classifier: {
      async classify(text) {
        asked.push(text);
        const status = answers[text] ?? "OK";
        if (status === "OK") return SCORED;
        throw status === "bug" ? new Error("a defect") : new CallFailed(status, `no: ${text}`);
      },
      close() {},
    },
    bounds: { callMs: 1, retries: 0, attempts: 3 },
    breaker: new Breaker({ failures: 9, pauseMs: 1000, now: () => 0 }),
    retries: new Retries({ most: 0, sleep: async () => {}, random: () => 0 }),
    called: () => {},
    retrying: () => {},
    now: () => 1_000_000,
    random: () => 1,
  };
  const outcome = await scoreReview({ ...TASK, ...change }, scoring);
  return { outcome, written: written[0], asked };
}

describe("a text", () => {
  it("that is classified gets its score, in millionths", async () => {
    const { outcome, written } = await score({}, {});
    expect([outcome, written]).toEqual([
      "scored",
      ["score", { ...SCORED, score: 0.912346, sentiment: 0.987654 }],
    ]);
  });

  it("that the service refuses is set aside at once, by the status alone", async () => {
    const { outcome, written } = await score({}, { "the text": "INVALID_ARGUMENT" });
    expect([outcome, written]).toEqual(["set aside", ["aside", "INVALID_ARGUMENT"]]);
  });

  it.each(["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "GARBAGE"])(
    "that fails with %s is not to blame the first time, nor when a plain text fails too",
    async (status) => {
      const first = await score({}, { "the text": status });
      expect(first).toEqual({
        outcome: "postponed",
        written: ["postpone", 1_001_000, { tries: 1, faults: 0 }],
        asked: ["the text"],
      });
      const down = await score({ tries: 2, faults: 2 }, { "the text": status, good: status });
      expect(down).toEqual({
        outcome: "postponed",
        written: ["postpone", 1_004_000, { tries: 3, faults: 2 }],
        asked: ["good"],
      });
    },
  );

  it.each(["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "GARBAGE"])(
    "that fails with %s while a plain one does not is to blame, and set aside after so many times",
    async (status) => {
      const again = await score({ tries: 1, faults: 1 }, { "the text": status });
      expect(again).toMatchObject({ outcome: "faulty", asked: ["good", "the text"] });
      expect(again.written).toEqual(["postpone", 1_002_000, { tries: 2, faults: 2 }]);
      const last = await score({ tries: 2, faults: 2 }, { "the text": status });
      expect([last.outcome, last.written]).toEqual(["set aside", ["aside", status]]);
    },
  );

  it.each(["RESOURCE_EXHAUSTED", "CANCELLED", "NOT_FOUND", "FAILED_PRECONDITION", "UNIMPLEMENTED"])(
    "is never to blame for %s",
    async (status) => {
      const { outcome, written } = await score({ tries: 9, faults: 2 }, { "the text": status });
      expect([outcome, written]).toEqual(["postponed", ["postpone", 1_060_000, { tries: 10, faults: 2 }]]);
    },
  );

  it("is not to blame when the service refuses a plain one", async () => {
    const { outcome } = await score({ tries: 1 }, { good: "INVALID_ARGUMENT" });
    expect(outcome).toBe("postponed");
  });

  it("keeps its place after a defect: the lease brings it back", async () => {
    await expect(score({}, { "the text": "bug" })).rejects.toThrow("a defect");
  });
});
