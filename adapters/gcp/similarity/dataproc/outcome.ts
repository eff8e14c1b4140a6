import type { protos } from "@google-cloud/dataproc";
import { Problem, type ProblemDetails } from "../../../../contracts/problem.ts";
import type { StageState } from "../../../../night/run/stage.ts";
import type { Workflow } from "./workflows.ts";

type WorkflowMetadata = protos.google.cloud.dataproc.v1.IWorkflowMetadata;

// Numbers of WorkflowNode.NodeState: inside an operation's metadata the enum arrives as numbers.
const [RUNNING, COMPLETED, FAILED] = [3, 4, 5];

/**
 * A workflow's progress. Dataproc does not say how long its steps take, so the shares are a guide.
 */
export function progressOf({ deleteCluster, graph }: WorkflowMetadata): StageState {
  const running = (progress: number, message: string) => ({ state: "running", progress, message }) as const;
  if (deleteCluster?.operationId) return running(0.9, "deleting the cluster");
  const isRunning = graph?.nodes?.some(({ state }) => state === RUNNING);
  return isRunning ? running(0.2, "the Spark job is running") : running(0.05, "creating the cluster");
}

/** True when the job itself has done its work, even if the cluster failed afterwards. */
export const isCompleted = ({ metadata }: Workflow): boolean =>
  metadata.graph?.nodes?.[0]?.state === COMPLETED;

/** Failures of machines, not of the job: on other machines it may succeed. */
const MACHINES = /\bpreempt|\blost\b|ExecutorLost|unhealthy|not acquired|stockout/i;

/**
 * The reason why an ended workflow did not do its work, and if another start may do it.
 * @param said the job's own words: spark-jobs' problem.json
 */
export function failureOf({ error, metadata }: Workflow, said: Omit<ProblemDetails, "cause"> | undefined) {
  const failed = (problem: ProblemDetails, retry: boolean) =>
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
    const why = node.error || "Dataproc does not say why";
    const next = "look at the job in Dataproc's console: it leads to its logs";
    const problem = said ?? { doing: `Running the Spark job ${node.jobId || node.stepId}`, why, next };
    return failed(problem, MACHINES.test(`${problem.why} ${why}`));
  }
  const why = error?.message || "it was ended before its job was";
  return failed({ doing: `Running the workflow on ${clusterName}`, why, next: "run the stage again" }, false);
}
