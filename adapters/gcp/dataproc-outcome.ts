import type { protos } from "@google-cloud/dataproc";
import { Problem } from "../../contracts/problem.ts";
import type { Objects } from "../../night/objects.ts";
import type { StageState } from "../../night/stage.ts";
import type { Workflow } from "./dataproc.ts";
import { lastWords } from "./last-words.ts";

type WorkflowMetadata = protos.google.cloud.dataproc.v1.IWorkflowMetadata;

// Enums of WorkflowNode.NodeState; inside an operation's metadata they are numbers.
const [RUNNING, COMPLETED, FAILED] = [3, 4, 5];

/** How far a workflow has come. Dataproc does not say how long its steps will take: the shares are a guide. */
export function progressOf({ deleteCluster, graph }: WorkflowMetadata): StageState {
  const running = (progress: number, message: string) => ({ state: "running", progress, message }) as const;
  if (deleteCluster?.operationId) return running(0.9, "deleting the cluster");
  const isRunning = graph?.nodes?.some(({ state }) => state === RUNNING);
  return isRunning ? running(0.2, "the Spark job is running") : running(0.05, "creating the cluster");
}

/** Whether the job itself has done its work, whatever became of the cluster afterwards. */
export const isCompleted = ({ metadata }: Workflow): boolean =>
  metadata.graph?.nodes?.every(({ state }) => state === COMPLETED) ?? false;

/** Failures of machines rather than of the job: with other machines it may succeed. */
const MACHINES = /\bpreempt|\blost\b|ExecutorLost|unhealthy|not acquired|stockout/i;

/** Why a workflow that has ended did not do its work, and whether it may when it is started again. */
export async function failureOf(
  { error, metadata }: Workflow,
  objects: Objects,
): Promise<Extract<StageState, { state: "failed" }>> {
  const failed = (problem: ConstructorParameters<typeof Problem>[0], retry: boolean) =>
    ({ state: "failed", reason: new Problem(problem).message, retry }) as const;
  const { clusterName, createCluster, graph } = metadata;
  if (createCluster?.error) {
    const doing = `Creating the cluster ${clusterName}`;
    const next =
      "if machines or quota ran out, choose another clusterMachine, fewer clusterWorkers or another region";
    return failed({ doing, why: createCluster.error, next }, true);
  }
  const node = graph?.nodes?.find(({ state }) => state === FAILED);
  if (node) {
    const doing = `Running the Spark job ${node.jobId || node.stepId}`;
    const said = lastWords(await driverOutput(objects, node.error ?? ""));
    const { why, next = LOOK } = said ?? { why: node.error || "Dataproc does not say why" };
    return failed({ doing, why, next }, MACHINES.test(`${why} ${node.error}`));
  }
  const why = error?.message || "it was ended before its job was";
  return failed({ doing: `Running the workflow on ${clusterName}`, why, next: "run the stage again" }, false);
}

const LOOK = "look at the job's output: Dataproc's console has it among the jobs";

/** The last part of what the job's driver wrote: Dataproc keeps it in the bucket, and a failed job's error points at it. */
async function driverOutput(objects: Objects, error: string): Promise<string> {
  const prefix = /gs:\/\/[^/\s]+\/(\S+?driveroutput)/.exec(error)?.[1];
  const file = prefix && (await objects.list(prefix)).at(-1);
  const stored = file ? await objects.get(file) : null;
  return stored ? new TextDecoder().decode(stored.data) : "";
}
