import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { INFERENCE, type Classification, type Text } from "../../contracts/inference.ts";
import { contractOf } from "./descriptors.ts";

/** The inference service's methods, for grpc-js. */
export interface InferenceDefinition extends ServiceDefinition {
  ClassifyText: MethodDefinition<Text, Classification>;
  ClassifyBatch: MethodDefinition<Text, Classification>;
}

const contract = contractOf<InferenceDefinition>("inference", INFERENCE);
export const { definition: inferenceDefinition, files: inferenceFiles } = contract;
