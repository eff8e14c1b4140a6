import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Classification, Text } from "../../contracts/inference.ts";
import type { NewsLog } from "../../serving/following.ts";
import { answers } from "../../serving/grpc/answers.ts";
import { isWaitedFor, unary } from "../../serving/grpc/unary.ts";
import { ThreadEnded } from "../engine/thread.ts";
import type { LanguageModel } from "../model/model.ts";
import { threadEnded } from "../refusals.ts";
import { checkText } from "./checks.ts";

/**
 * The service's methods.
 * @param model the current one; it throws a Refusal while there is none
 * @param atOnce texts of one stream that are at work at once
 */
export function handlers(
  model: () => LanguageModel,
  atOnce: number,
  log: NewsLog,
): UntypedServiceImplementation {
  const classify = async (request: Text, isWanted: () => boolean): Promise<Classification> => {
    const text = checkText(request);
    try {
      return await model().classify(text, isWanted);
    } catch (error) {
      throw error instanceof ThreadEnded ? threadEnded() : error;
    }
  };
  return {
    ClassifyText: unary<Text, Classification>(
      (request, call) => classify(request, () => isWaitedFor(call)),
      log,
    ),
    ClassifyBatch: answers<Text, Classification>(
      () => (request, gone) => classify(request, () => !gone.aborted),
      atOnce,
      log,
    ),
  };
}
