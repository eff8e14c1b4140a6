import type { CallOptions } from "./calls.ts";

/** What a language model makes of a text. */
export interface Classification {
  /** The most probable of the model's labels, and its probability. */
  label: string;
  score: number;
  /** From 0, as negative as can be, to 1. */
  sentiment: number;
  /** Name and version of the model that answered. */
  model: string;
  /** True if the text was longer than the model reads, and its end was passed over. */
  truncated: boolean;
}

/** The port to the inference service. */
export interface Classifier {
  /**
   * @param text 1 to MAX_TEXT_BYTES bytes, not only blanks
   * @throws CallFailed; with the status INVALID_ARGUMENT for a text that no try will classify
   */
  classify(text: string, options: CallOptions): Promise<Classification>;
  close(): void;
}
