import { inferenceDefinition } from "../adapters/grpc/inference.ts";
import type { Text } from "../contracts/inference.ts";
import { startStandInOf, type Says } from "./stand-in-service.ts";

/** An inference service that answers as a test says, where the real one would not. */
export const startClassifier = (says: Says<Text>, port = 0) =>
  startStandInOf("ClassifyText", inferenceDefinition.ClassifyText as never, says, port);

/** An answer as the contract has it. */
export const classified = (sentiment: number, model = "m@1") => ({
  label: sentiment < 0.5 ? "NEGATIVE" : "POSITIVE",
  score: Math.max(sentiment, 1 - sentiment),
  probabilities: [],
  sentiment,
  model,
  truncated: false,
});
