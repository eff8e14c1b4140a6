import { describe, expect, it } from "vitest";
import { readConfig } from "../../inference/model/config.ts";

const id2label = { 0: "NEGATIVE", 1: "POSITIVE" };

describe("a model's configuration", () => {
  it.each<[string, object, object, number]>([
    ["BERT", { max_position_embeddings: 512 }, { model_max_length: 1e30 }, 512],
    ["a tokenizer that cuts earlier", { max_position_embeddings: 512 }, { model_max_length: 256 }, 256],
    ["RoBERTa", { max_position_embeddings: 514, model_type: "roberta" }, {}, 512],
    ["relative positions", {}, {}, 512],
    ["relative positions and no bound", {}, { model_max_length: 1e30 }, 512],
    ["relative positions and a bound", {}, { model_max_length: 128 }, 128],
  ])("says how much is read: %s", (_, config, tokenizer, tokens) => {
    expect(readConfig({ id2label, ...config }, tokenizer).maxTokens).toBe(tokens);
  });

  it.each<[string, object, string]>([
    ["two labels", { id2label }, "softmax"],
    ["one logit", { id2label: { 0: "LABEL_0" } }, "sigmoid"],
    ["several labels at once", { id2label, problem_type: "multi_label_classification" }, "sigmoid"],
  ])("says how logits become probabilities: %s", (_, config, activation) => {
    expect(readConfig(config, {}).activation).toBe(activation);
  });

  it("has its labels in the order of their numbers", () => {
    const names = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [11 - k, `LABEL_${11 - k}`]));
    expect(readConfig({ id2label: names }, {}).labels[10]).toBe("LABEL_10");
  });

  it.each<[RegExp, object]>([
    [/must name labels 0 to n - 1/, { id2label: { 1: "a" } }],
    [/names a label twice/, { id2label: { 0: "a", 1: "a" } }],
    [/config.json does not fit: id2label/, { id2label: { 0: 1 } }],
    [/problem_type of config.json is regression/, { id2label, problem_type: "regression" }],
  ])("is refused: %s", (reason, config) => {
    expect(() => readConfig(config, {})).toThrow(reason);
  });
});
