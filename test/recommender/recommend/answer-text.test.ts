import fc from "fast-check";
import { expect, it } from "vitest";
import { namedAnswer } from "../../../core/ranking/answer.ts";
import { createRanker } from "../../../core/ranking/ranker.ts";
import { decodeSnapshot } from "../../../core/model/decode.ts";
import { createAnswerWriter } from "../../../recommender/recommend/answer-text.ts";
import { options, query, shop } from "../../core/arbitrary-shop.ts";
import { snapshotOf, type PlainItem } from "../../core/ranking/plain-answer.ts";

const MODEL = "2026-11-21.1";
const write = createAnswerWriter();

it("An answer is written as JSON.stringify would write it, whatever the shop", () => {
  fc.assert(
    fc.property(shop, query, options, (shop, query, options) => {
      const ids = decodeSnapshot(snapshotOf(shop));
      const [ranking] = createRanker(ids, options)([query]);
      const expected = { ...namedAnswer(ranking, MODEL, ids.idOf), attributionToken: "token" };
      expect(write({ ...ranking, ids }, MODEL, "token")).toBe(JSON.stringify(expected));
    }),
    { numRuns: 500 },
  );
});

it("Every score and share is written as JSON.stringify would write it", () => {
  const ids = decodeSnapshot(snapshotOf([plain("tent"), plain("dome")]));
  const share = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), share, (score, share) => {
      const from = { row: 1, weight: 1, event: "purchase" as const };
      const why = { largest: { from, value: share, next: null }, total: 10_000 };
      const ranking = { results: [{ row: 0, score, source: "model" as const, why }], missingIds: [] };
      const expected = { ...namedAnswer(ranking, MODEL, ids.idOf), attributionToken: "t" };
      expect(write({ ...ranking, ids }, MODEL, "t")).toBe(JSON.stringify(expected));
    }),
    {
      numRuns: 2000,
      examples: [
        [1, 0],
        [1e6, 1e4],
        [1e12, 1],
        [999_999, 9999],
        [10, 10],
      ],
    },
  );
});

it("The longest answer has room: a hundred of the longest ids, with every byte escaped", () => {
  const shop = Array.from({ length: 101 }, (_, k) => plain(`${k}`.padStart(256, "\u0001")));
  const last = shop[100].id;
  for (const item of shop.slice(0, 100)) item.similar = [[last, 0.5]];
  shop[100].similar = shop.slice(0, 100).map(({ id }): [string, number] => [id, 0.5]);
  const ids = decodeSnapshot(snapshotOf(shop));
  const rank = createRanker(ids, { queryWeights: null, togetherWeights: null, includeInput: true });
  const [ranking] = rank([{ browsed: [last, shop[0].id], basket: [], purchased: [], n: 100 }]);
  const answer = JSON.parse(write({ ...ranking, ids }, MODEL, "token")) as unknown;
  expect(answer).toEqual({ ...namedAnswer(ranking, MODEL, ids.idOf), attributionToken: "token" });
});

it("All missing ids have room, also without a result", () => {
  const ids = decodeSnapshot(snapshotOf([]));
  const missingIds = Array.from({ length: 600 }, (_, k) => `${k}`.padStart(85, "\u6c34"));
  const answer = JSON.parse(
    createAnswerWriter()({ results: [], missingIds, ids }, MODEL, "token"),
  ) as unknown;
  expect(answer).toEqual({ results: [], model: MODEL, missingIds, attributionToken: "token" });
});

function plain(id: string): PlainItem {
  return { id, category: null, price: null, available: true, users: 1, similar: [], together: [] };
}
