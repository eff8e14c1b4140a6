import { describe, expect, it } from "vitest";
import { sentimentsOf } from "../../inference/model/sentiments.ts";

describe("what labels stand for", () => {
  it.each<[string[], number[]]>([
    [
      ["NEGATIVE", "POSITIVE"],
      [0, 1],
    ],
    [
      ["positive", "neutral", "negative"],
      [1, 0.5, 0],
    ],
    [
      ["LABEL_0", "LABEL_1", "LABEL_2"],
      [0, 0.5, 1],
    ],
    [
      ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
      [0, 0.25, 0.5, 0.75, 1],
    ],
    [
      ["5 stars", "1 star"],
      [1, 0],
    ],
    [
      ["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"],
      [0, 0.25, 0.5, 0.75, 1],
    ],
    [
      ["sadness", "joy", "love", "anger", "fear", "surprise"],
      [0, 1, 1, 0, 0, 0.5],
    ],
    [["LABEL_0"], [1]],
    [["negative"], [0]],
  ])("%j: %j", (labels, values) => {
    expect(sentimentsOf(labels, {})).toEqual(values);
  });

  it("is what the setting says; then no default counts", () => {
    expect(sentimentsOf(["tea", "ink"], { tea: "0.25", ink: "1" })).toEqual([0.25, 1]);
    expect(() => sentimentsOf(["NEGATIVE", "POSITIVE"], { POSITIVE: "1" })).toThrow(/the label NEGATIVE/);
  });

  it.each<[string[], Record<string, string>, RegExp]>([
    [["tea", "ink"], {}, /what the label tea stands for: set inference.labels, such as tea=0.5,ink=0.5/],
    [["positive", "strange"], {}, /what the label strange stands for/],
    [["a 1", "b 1"], {}, /what the label a 1 stands for/],
    [["NEGATIVE", "POSITIVE"], { good: "1" }, /names good; the model's labels are NEGATIVE, POSITIVE/],
  ])("is refused where nothing says it: %j %j", (labels, given, reason) => {
    expect(() => sentimentsOf(labels, given)).toThrow(reason);
  });
});
