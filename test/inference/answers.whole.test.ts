import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Classification } from "../../contracts/inference.ts";
import { madeModels } from "./models.ts";
import { clientTo, started } from "./served.ts";

const { folder, expected } = await madeModels();
const { texts } = expected;
const open = async (model: string, change = {}) => clientTo(await started(join(folder, model), change));

const softmax = (logits: number[]) => {
  const powers = logits.map((value) => Math.exp(value - Math.max(...logits)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};
const sigmoid = (logits: number[]) => logits.map((value) => 1 / (1 + Math.exp(-value)));

const ofLabels = ({ probabilities }: Classification) => probabilities.map(({ probability }) => probability);

/** The largest difference between the probabilities of two answers to the same texts. */
const difference = (a: readonly number[][], b: readonly number[][]) =>
  Math.max(...a.flatMap((row, k) => row.map((value, label) => Math.abs(value - b[k][label]))));

describe("the answers to 200 texts with accents, long words and other scripts", () => {
  it.each([
    ["two", softmax],
    ["six", softmax],
    ["one", sigmoid],
    ["several", sigmoid],
    ["rounded", softmax],
  ])(
    "equal those of Python's tokenizers and onnxruntime, in batches: the model %s",
    async (name, activation) => {
      const { classifyAll } = await open(name);
      expect(texts.length).toBe(200);
      const answers = await classifyAll(texts);
      const python = expected.logits[name].map(activation);
      expect(difference(answers.map(ofLabels), python)).toBeLessThan(1e-4);
      expect(answers.map(({ truncated }) => truncated)).toEqual(expected.truncated);
      expect(new Set(expected.truncated)).toEqual(new Set([true, false]));
    },
  );

  it.each(["two", "rounded"])("are the same in a batch and alone: the model %s", async (name) => {
    const { classify, classifyAll } = await open(name);
    const together = await classifyAll(texts);
    const alone: Classification[] = [];
    for (const text of texts) alone.push(await classify(text));
    expect(difference(together.map(ofLabels), alone.map(ofLabels))).toBeLessThan(1e-5);
    expect(together.map(({ label }) => label)).toEqual(alone.map(({ label }) => label));
  });

  it("are the same however many threads and texts of a batch there are", async () => {
    const [first, second] = await Promise.all([
      open("two", { "inference.maxBatch": 1 }),
      open("two", { "inference.threads": 3, "inference.maxBatch": 200 }),
    ]);
    const [a, b] = await Promise.all([first.classifyAll(texts), second.classifyAll(texts)]);
    expect(difference(a.map(ofLabels), b.map(ofLabels))).toBeLessThan(1e-5);
  });
});

describe("an answer", () => {
  it("has the most probable label, its probability, and the model's name and version", async () => {
    const { classify } = await open("six");
    const { label, score, probabilities, model } = await classify("Works like new");
    const best = probabilities.toSorted((a, b) => b.probability - a.probability)[0];
    expect({ label, probability: score }).toEqual(best);
    expect(probabilities.map((each) => each.label)).toEqual([
      "sadness",
      "joy",
      "love",
      "anger",
      "fear",
      "surprise",
    ]);
    expect(probabilities.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
    expect(model).toMatch(/^six@[0-9a-f]{12}$/);
  });

  it("has a sentiment: the mean of what the labels stand for", async () => {
    const two = await (await open("two")).classify("ok");
    expect(two.sentiment).toBeCloseTo(ofLabels(two)[1], 9);
    const one = await (await open("one")).classify("ok");
    expect(one.sentiment).toBeCloseTo(one.score, 9);
    const several = await (await open("several")).classify("ok");
    const [good, bad] = ofLabels(several);
    expect(several.sentiment).toBeCloseTo(good / (good + bad), 9);
    const labels = { sadness: "0.25", joy: "1", love: "1", anger: "0", fear: "0.25", surprise: "0.5" };
    const six = await (await open("six", { "inference.labels": labels })).classify("ok");
    const p = ofLabels(six);
    expect(six.sentiment).toBeCloseTo(0.25 * p[0] + p[1] + p[2] + 0.25 * p[4] + 0.5 * p[5], 9);
  });
});
