import { Type, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { MAX_LABELS } from "../../contracts/inference.ts";
import type { Cut } from "../engine/encoder.ts";
import type { Activation } from "../engine/probabilities.ts";

/** What is looked at in config.json and tokenizer_config.json. */
const Config = Type.Object({
  id2label: Type.Record(Type.String({ pattern: "^[0-9]+$" }), Type.String({ minLength: 1, maxLength: 100 })),
  problem_type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  model_type: Type.Optional(Type.String()),
  max_position_embeddings: Type.Optional(Type.Integer({ minimum: 1 })),
});
const TokenizerConfig = Type.Object({
  model_max_length: Type.Optional(Type.Union([Type.Number({ minimum: 1 }), Type.Null()])),
  truncation_side: Type.Optional(Type.Union([Type.Literal("left"), Type.Literal("right")])),
});

/** What a model's configuration says of it. */
export interface ModelConfig extends Cut {
  labels: string[];
  activation: Activation;
}

/** Where neither file says it: what BERT reads. */
const DEFAULT_MAX_TOKENS = 512;
/** Their positions begin after the one of padding: two of them are never used. */
const WITH_OFFSET = /^(xlm-)?roberta|^camembert|^mpnet|^longformer/;

/** @throws Error with a reason for people */
export function readConfig(config: unknown, tokenizerConfig: unknown): ModelConfig {
  if (!Value.Check(Config, config))
    throw new Error(`config.json does not fit: ${firstError(Config, config)}`);
  if (!Value.Check(TokenizerConfig, tokenizerConfig))
    throw new Error(`tokenizer_config.json does not fit: ${firstError(TokenizerConfig, tokenizerConfig)}`);
  const labels = labelsOf(config.id2label);
  const positions = config.max_position_embeddings;
  const offset = WITH_OFFSET.test(config.model_type ?? "") ? 2 : 0;
  const bounds = [
    positions === undefined ? undefined : positions - offset,
    tokenizerConfig.model_max_length ?? undefined,
    // Tokenizers write 1e30 for "not set".
  ].filter((bound): bound is number => bound !== undefined && bound <= MOST_TOKENS);
  return {
    labels,
    activation: activationOf(config.problem_type ?? undefined, labels.length),
    maxTokens: bounds.length > 0 ? Math.min(...bounds) : DEFAULT_MAX_TOKENS,
    side: tokenizerConfig.truncation_side ?? "right",
  };
}

/** No text has more: a token has a byte at least. */
const MOST_TOKENS = 20_000;

function labelsOf(id2label: Record<string, string>): string[] {
  const labels = Object.keys(id2label).map((_, id) => id2label[`${id}`]);
  if (labels.length === 0 || labels.length > MAX_LABELS || labels.includes(undefined as never))
    throw new Error(`id2label of config.json must name labels 0 to n - 1, at most ${MAX_LABELS}`);
  if (new Set(labels).size < labels.length) throw new Error("id2label of config.json names a label twice");
  return labels;
}

function activationOf(problem: string | undefined, labels: number): Activation {
  if (problem === "multi_label_classification") return "sigmoid";
  if (problem === undefined || problem === "single_label_classification")
    return labels === 1 ? "sigmoid" : "softmax";
  throw new Error(
    `problem_type of config.json is ${problem}; texts are classified, so it must be one or several labels`,
  );
}

function firstError(schema: TSchema, value: unknown): string {
  const [error] = Value.Errors(schema, value);
  return `${error.instancePath.slice(1) || "it"} ${error.message}`;
}
