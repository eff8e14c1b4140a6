import type { protos } from "@google-cloud/dataproc";
import { dataproc, projectOf, type Place } from "../../clients.ts";
import { asking, ifThere, statusOf } from "../../failures.ts";

type Dataproc = typeof protos.google.cloud.dataproc.v1;
type Template = protos.google.cloud.dataproc.v1.IWorkflowTemplate;
type Operation = protos.google.longrunning.IOperation;

/** A workflow as its operation shows it. */
export interface Workflow {
  ended: boolean;
  error: protos.google.rpc.IStatus | null;
  metadata: protos.google.cloud.dataproc.v1.WorkflowMetadata;
}

/**
 * The calls of Dataproc that the similarity stage needs. `name` is an operation's; `prefix` begins
 * the managed cluster's name.
 */
export interface Workflows {
  /**
   * Starts a workflow. One with this prefix, running or ended, is the same attempt's and is kept.
   */
  start(prefix: string, template: Template): Promise<string>;
  look(name: string): Promise<Workflow>;
  cancel(name: string): Promise<void>;
  /** Asks for a cluster's deletion, if it exists and is not being deleted. */
  deleteCluster(clusterName: string): Promise<void>;
}

const NEXT =
  "check that the account of this function may edit clusters and act as steamer-dataproc: `infra/deploy` sees to both";

export async function openWorkflows(place: Place): Promise<Workflows> {
  const { workflows, clusters } = await dataproc(place);
  const { v1 } = (await import("@google-cloud/dataproc")).protos.google.cloud.dataproc;
  const parent = `projects/${projectOf(place)}/regions/${place.region}`;

  async function find(prefix: string): Promise<string | undefined> {
    for await (const operation of workflows.listOperationsAsync(listRequest(parent), {
      autoPaginate: false,
    })) {
      const clusterName = workflowOf(v1, operation)?.metadata.clusterName;
      if (clusterName?.startsWith(`${prefix}-`)) return operation.name!;
    }
    return undefined;
  }

  return {
    start: (prefix, template) =>
      asking(`Starting the workflow ${prefix}`, NEXT, async () => {
        // The request's id only blocks a workflow that runs at the same time, not one that has
        // ended.
        const before = await find(prefix);
        if (before) return before;
        try {
          const request = { parent, template, requestId: prefix };
          const [operation] = await workflows.instantiateInlineWorkflowTemplate(request);
          return operation.name!;
        } catch (error) {
          if (statusOf(error) !== "ALREADY_EXISTS") throw error;
          const other = await find(prefix);
          if (other) return other;
          throw new Error(`The workflow ${prefix} is there already, but not in the list yet`, {
            cause: error,
          });
        }
      }),

    look: (name) =>
      asking(`Looking at the workflow ${name}`, NEXT, async () => {
        const [operation] = await workflows.getOperation({ name } as never);
        const workflow = workflowOf(v1, operation);
        if (workflow) return workflow;
        throw new TypeError(`${name} is no workflow's operation`);
      }),

    cancel: (name) =>
      asking(`Cancelling the workflow ${name}`, NEXT, async () => {
        await ifThere(() => workflows.cancelOperation({ name } as never));
      }),

    deleteCluster: (clusterName) =>
      asking(`Deleting the cluster ${clusterName}`, deleteByHand(place, clusterName), async () => {
        const request = { projectId: projectOf(place), region: place.region, clusterName };
        const found = await ifThere(() => clusters.getCluster(request));
        if (!found || found[0].status?.state === "DELETING") return;
        await ifThere(() => clusters.deleteCluster(request));
      }),
  };
}

function listRequest(parent: string) {
  return { name: `${parent}/operations`, filter: "", pageSize: 0, pageToken: "" } as never;
}

/** Null for operations of other kinds, such as those of clusters. */
function workflowOf({ WorkflowMetadata }: Dataproc, operation: Operation): Workflow | null {
  const { done, error, metadata } = operation;
  if (!metadata?.type_url?.endsWith(".WorkflowMetadata")) return null;
  const decoded = WorkflowMetadata.decode(metadata.value as Uint8Array);
  return { ended: done === true, error: error ?? null, metadata: decoded };
}

function deleteByHand({ project, region }: Place, clusterName: string): string {
  return `delete it by hand: gcloud dataproc clusters delete ${clusterName} --project=${project} --region=${region}; else its age limit ends it`;
}
