import type { Cloud } from "../cloud.ts";
import { cpusFor } from "../memory.ts";
import { languageModel } from "../reviews.ts";
import { settingsFor } from "../serving.ts";
import { deployGrpc, INFERENCE } from "./grpc-services.ts";

/**
 * Deploys the inference service of a shop that takes reviews, if it has changed. The function
 * `score-review` may call it, and operators: a rescoring asks which model there is.
 */
export async function deployInference(cloud: Cloud, folder: string): Promise<void> {
  if (!INFERENCE.isWanted(cloud)) return;
  const { steamer, deploy } = cloud;
  const memory = deploy.inferenceMemory;
  await deployGrpc(cloud, INFERENCE, folder, {
    memory,
    cpu: cpusFor(memory, "inferenceMemory"),
    minInstances: deploy.inferenceMinInstances,
    maxInstances: deploy.inferenceMaxInstances,
    maxCalls: steamer["inference.maxCalls"],
    settings: { ...settingsFor("inference", cloud), "inference.model": languageModel(cloud) },
    callers: deploy.operators,
  });
}
