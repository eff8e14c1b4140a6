import { inverse, Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import { becauseOf } from "../../core/personal/because.ts";
import { personOfHistory } from "../../core/personal/person.ts";
import { loadPersonalModel } from "../../personalizer/model.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { historyOf, ITEMS, KNOBS, publishPersonal, USERS } from "./shop.ts";

const objects = memoryObjects();
await publishPersonal(objects, "2026-11-20.1");
const model = await loadPersonalModel(objects, settingsWith(), "2026-11-20.1");
const { blend, snapshot, items, weights } = model;
const vectors = ITEMS.map((_, row) => Matrix.columnVector([...items.factorsOf(row)]));

/** What item j of the history contributes to the score of item i, by the plain definition. */
function contribution(user: string, best: number[], nearest: { item: number; score: number }[]) {
  const v = new Map<number, number>();
  const q = new Map<number, number>();
  for (const { item, event, count } of historyOf(user)) {
    const row = ITEMS.indexOf(item);
    v.set(row, (v.get(row) ?? 0) + count * KNOBS.eventWeights[event]);
    q.set(row, (q.get(row) ?? 0) + weights![event]);
  }
  const a = Matrix.eye(items.factors, items.factors, KNOBS.regularization * v.size);
  vectors.forEach((y, row) => a.add(y.mmul(y.transpose()).mul(KNOBS.unobserved + (v.get(row) ?? 0))));
  const left = inverse(a);
  const byFactors = (i: number, j: number) =>
    vectors[i].transpose().mmul(left).mmul(vectors[j]).get(0, 0) * (KNOBS.unobserved + v.get(j)!);
  const scoreOf = (i: number) => [...v.keys()].reduce((sum, j) => sum + byFactors(i, j), 0);
  const largest = Math.max(...ITEMS.map((_, i) => (v.has(i) ? -Infinity : scoreOf(i))));
  const { offset, item, score } = snapshot.tableOf("similar");
  const similarity = (j: number, i: number) => {
    for (let k = offset[j]; k < offset[j + 1]; k++) if (item[k] === i) return score[k];
    return 0;
  };
  const isNear = new Set(nearest.map((one) => one.item));
  return best.map((i) =>
    [...v.keys()].map((j) => {
      const near = isNear.has(i) ? (q.get(j)! * similarity(j, i)) / nearest[0].score : 0;
      return { j, value: (blend * byFactors(i, j)) / largest + (1 - blend) * near };
    }),
  );
}

it.each(USERS)("because has the items that contribute most to the score of %s's results", (user) => {
  const person = personOfHistory(model, historyOf(user))!;
  const excluded = person.entries.map(({ row }) => row);
  const ranking = model.rank({
    vector: person.vector,
    history: person.query,
    n: 8,
    conditions: { excluded },
  });
  const best = ranking.best.map(({ item }) => item);
  const plain = contribution(user, best, [...ranking.near]);
  const found = becauseOf(model, person, ranking);
  ranking.best.forEach(({ score }, k) => {
    expect(plain[k].reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score / 1e6, 2);
    const valueOf = new Map(plain[k].map(({ j, value }) => [j, value]));
    const strongest = plain[k]
      .map(({ value }) => value)
      .filter((value) => value > 1e-3)
      .sort((a, b) => b - a)
      .slice(0, 3);
    strongest.forEach((value, place) => expect(valueOf.get(found[k][place])).toBeCloseTo(value, 3));
  });
});
