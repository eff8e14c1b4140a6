import { randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { Clusters, type ClusterView } from "./clusters.ts";
import { Failure } from "../platform/faults.ts";
import type { GrpcService, Message } from "../platform/grpc.ts";
import { checkTemplate } from "../dataflow/template-rules.ts";
import { Workflow } from "./workflow.ts";
import type { World } from "../platform/world.ts";

/** A workflow as tests see it. */
export interface WorkflowView {
  /** The name of its operation. */
  name: string;
  cluster: string;
  running: boolean;
  /** The state of each job. */
  steps: Record<string, string>;
}

/** Dataproc: inline workflow templates on managed clusters, whose jobs really run. */
export class Dataproc {
  readonly #world: World;
  readonly #clusters: Clusters;
  readonly #workflows = new Map<string, Workflow>();
  /** Deletions requested one by one. */
  readonly #deletions = new Map<string, Message>();

  constructor(world: World) {
    this.#world = world;
    this.#clusters = new Clusters(world);
  }

  /** The present clusters, in any state. */
  clusters(): ClusterView[] {
    return this.#clusters.list();
  }

  workflows(): WorkflowView[] {
    return [...this.#workflows.values()].map(({ name, clusterName, isRunning, nodes }) => ({
      name,
      cluster: clusterName,
      running: isRunning,
      steps: Object.fromEntries(nodes.map(({ stepId, state }) => [stepId, state])),
    }));
  }

  /** Resolves when no workflow is running. */
  async idle(): Promise<void> {
    await Promise.all([...this.#workflows.values()].map(({ finished }) => finished));
  }

  async close(): Promise<void> {
    for (const workflow of this.#workflows.values()) workflow.cancel();
    await this.idle();
  }

  services(): GrpcService[] {
    const service = (name: string, methods: GrpcService["methods"]) => ({
      client: "dataproc",
      name,
      called: "Dataproc",
      methods,
    });
    return [
      service("google.cloud.dataproc.v1.WorkflowTemplateService", {
        InstantiateInlineWorkflowTemplate: (request: Message) => this.#instantiate(request),
      }),
      service("google.cloud.dataproc.v1.ClusterController", {
        GetCluster: ({ clusterName }: Message) => this.#clusters.get(clusterName),
        ListClusters: ({ filter }: Message) => ({
          clusters: this.#clusters.resources().filter(filterOf(filter)),
        }),
        DeleteCluster: ({ clusterName }: Message) => this.#delete(clusterName),
      }),
      service("google.longrunning.Operations", {
        GetOperation: ({ name }: Message) => this.#operation(name),
        CancelOperation: ({ name }: Message) => this.#cancel(name),
        ListOperations: ({ name }: Message) => ({
          operations: [...this.#workflows.values()]
            .filter((workflow) => workflow.name.startsWith(name))
            .map((w) => w.operation()),
        }),
      }),
    ];
  }

  /**
   * A request with the tag of a running workflow starts none: it gets that workflow's operation.
   */
  #instantiate(request: Message): Message {
    checkTemplate(request);
    const { requestId } = request;
    const same = [...this.#workflows.values()].find(
      (w) => requestId && w.requestId === requestId && w.isRunning,
    );
    if (same) return same.operation();
    const workflow = new Workflow(this.#world, this.#clusters, request);
    this.#workflows.set(workflow.name, workflow);
    return workflow.operation();
  }

  #operation(name: string): Message {
    const operation = this.#workflows.get(name)?.operation() ?? this.#deletions.get(name);
    if (operation) return operation;
    throw new Failure("NOT_FOUND", `Not found: Operation ${name}`);
  }

  #cancel(name: string): void {
    this.#operation(name);
    this.#workflows.get(name)?.cancel();
  }

  #delete(clusterName: string): Message {
    this.#clusters.get(clusterName);
    const { project, region } = this.#world;
    const name = `projects/${project}/regions/${region}/operations/${randomUUID()}`;
    const metadata = {
      "@type": "type.googleapis.com/google.cloud.dataproc.v1.ClusterOperationMetadata",
      clusterName,
    };
    const operation: Message = { name, done: false, metadata };
    this.#deletions.set(name, operation);
    const response = { type_url: "type.googleapis.com/google.protobuf.Empty", value: Buffer.alloc(0) };
    this.#clusters.delete(clusterName).then(
      () => Object.assign(operation, { done: true, response }),
      ({ code, message }: Failure) =>
        Object.assign(operation, { done: true, error: { code: status[code], message } }),
    );
    return operation;
  }
}

/**
 * The used part of ListClusters' filter: `status.state = X`, `clusterName = X`, `labels.key =
 * value`, joined by AND.
 */
function filterOf(filter = ""): (cluster: Message) => boolean {
  const terms = filter.split(/\s+AND\s+/i).filter((term) => term.trim() && term.trim() !== "*");
  const conditions = terms.map((term) => {
    const [, field, value] = /^\s*([\w.-]+)\s*=\s*"?([^"]*?)"?\s*$/.exec(term) ?? [];
    if (!field) throw new Failure("INVALID_ARGUMENT", `Invalid list filter: ${filter}`);
    return (cluster: Message): boolean => {
      if (field === "status.state") return value === "ACTIVE" || cluster.status.state === value;
      if (field === "clusterName") return cluster.clusterName === value;
      const label = cluster.labels[field.replace(/^labels\./, "")];
      return label !== undefined && (value === "*" || label === value);
    };
  });
  return (cluster) => conditions.every((holds) => holds(cluster));
}
