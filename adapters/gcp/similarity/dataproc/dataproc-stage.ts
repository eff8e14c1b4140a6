import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../../../contracts/problem.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import type { Stage } from "../../../../night/run/stage.ts";
import { attemptName } from "../../attempt.ts";
import { openWorkflows, type Workflow, type Workflows } from "./workflows.ts";
import { failureOf, isCompleted, progressOf } from "./outcome.ts";
import { workflowTemplate } from "./workflow-template.ts";
import { similarityProblem, similarityResult } from "./job-request.ts";

/** Seconds that one look waits for a cancelled workflow. */
const PATIENCE = 3;

/**
 * The similarity stage on Dataproc: a workflow makes a cluster, runs the Spark job on it, and
 * deletes the cluster.
 */
export function dataprocStage(objects: Objects): Stage {
  return {
    name: "similarity",

    async start(context) {
      const cluster = attemptName(context, "similarity");
      const workflows = await openWorkflows(context.settings);
      return { workflow: await workflows.start(cluster, workflowTemplate(context, cluster)), cluster };
    },

    async poll(context, { workflow: name }) {
      const workflows = await openWorkflows(context.settings);
      const workflow = await workflows.look(name as string);
      if (!workflow.ended) return progressOf(workflow.metadata);
      const left = await removeCluster(workflows, workflow);
      const looked = isCompleted(workflow)
        ? await similarityResult(objects, context)
        : failureOf(workflow, await similarityProblem(objects, context));
      if (!left || looked.state === "running") return looked;
      if (looked.state === "failed") return { ...looked, reason: `${looked.reason}\n${left.message}` };
      return { ...looked, warnings: [...(looked.warnings ?? []), left.message] };
    },

    async cancel(context, { workflow: name }) {
      const workflows = await openWorkflows(context.settings);
      // Dataproc's answer does not matter here: without its cluster the job ends, too.
      const refused = await workflows.cancel(name as string).then(() => undefined, problemOnly);
      const workflow = await ended(workflows, name as string, refused ? 0 : PATIENCE);
      if (!workflow.ended && !refused) throw new Error(`${name} is still being cancelled`);
      const left = await removeCluster(workflows, workflow);
      if (left) throw left;
    },
  };
}

async function ended(workflows: Workflows, name: string, patience: number): Promise<Workflow> {
  for (let second = 0; ; second++) {
    const workflow = await workflows.look(name);
    if (workflow.ended || second >= patience) return workflow;
    await sleep(1000);
  }
}

/**
 * The workflow deletes its cluster. This asks again, for a workflow that could not.
 * @returns why Dataproc refuses, if it does.
 */
async function removeCluster(
  workflows: Workflows,
  { metadata: { clusterName } }: Workflow,
): Promise<Problem | undefined> {
  return clusterName
    ? await workflows.deleteCluster(clusterName).then(() => undefined, problemOnly)
    : undefined;
}

function problemOnly(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
