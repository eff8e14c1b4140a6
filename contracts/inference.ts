/**
 * The messages of contracts/proto/inference.proto as the loader of grpc-js makes them, with every
 * field set.
 */

export const INFERENCE = "steamer.inference.v1.Inference";

/** Bytes of a message. */
export const MAX_MESSAGE_BYTES = 1 << 16;
/** Bytes of a text: 5,000 characters of any script. */
export const MAX_TEXT_BYTES = 20_000;
/** Labels of a model. */
export const MAX_LABELS = 1000;

export interface Text {
  text: string;
}

export interface Classification {
  label: string;
  score: number;
  probabilities: Probability[];
  sentiment: number;
  model: string;
  truncated: boolean;
}

export interface Probability {
  label: string;
  probability: number;
}
