import { randomBytes, randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { Clusters } from "./clusters.ts";
import { Failure } from "../platform/faults.ts";
import { secondsOf, timestamp, type Message } from "../platform/grpc.ts";
import { sparkSubmit } from "./spark.ts";
import type { World } from "../platform/world.ts";

interface Node {
  stepId: string;
  prerequisiteStepIds: string[];
  jobId: string;
  state: "BLOCKED" | "RUNNABLE" | "RUNNING" | "COMPLETED" | "FAILED";
  error: string;
}

/**
 * One instance of a workflow template: it makes a cluster, runs the jobs on it, and deletes the
 * cluster in any case.
 */
export class Workflow {
  readonly name: string;
  readonly requestId: string;
  readonly finished: Promise<void>;
  readonly nodes: Node[];
  readonly clusterName: string;
  readonly #template: Message;
  readonly #world: World;
  readonly #clusters: Clusters;
  readonly #stop = new AbortController();
  readonly #metadata: Message;
  #error: Message;
  #done = false;

  constructor(world: World, clusters: Clusters, { parent, template, requestId }: Message) {
    [this.#world, this.#clusters, this.#template] = [world, clusters, template];
    this.requestId = requestId;
    this.name = `${parent}/operations/${randomUUID()}`;
    this.nodes = template.jobs.map(nodeOf);
    this.clusterName = `${template.placement.managedCluster.clusterName}-${randomBytes(6).toString("hex")}`;
    this.#metadata = { state: "PENDING", startTime: this.#now(), dagTimeout: template.dagTimeout };
    this.finished = this.#run();
  }

  get isRunning(): boolean {
    return !this.#done;
  }

  /**
   * The operation of google.longrunning. A failed job is no error of the operation: only its node
   * says so.
   */
  operation(): Message {
    const graph = { nodes: this.nodes };
    const type = "type.googleapis.com/google.cloud.dataproc.v1.WorkflowMetadata";
    const metadata = { "@type": type, ...this.#metadata, clusterName: this.clusterName, graph };
    if (!this.#done) return { name: this.name, done: false, metadata };
    const response = { type_url: "type.googleapis.com/google.protobuf.Empty", value: Buffer.alloc(0) };
    return {
      name: this.name,
      done: true,
      metadata,
      ...(this.#error ? { error: this.#error } : { response }),
    };
  }

  cancel(): void {
    this.#stop.abort(new Failure("CANCELLED", "Workflow was cancelled by request"));
  }

  async #run(): Promise<void> {
    const { managedCluster } = this.#template.placement;
    this.#metadata.state = "RUNNING";
    try {
      const created = await this.#operationStep("createCluster", () =>
        this.#clusters.create(this.clusterName, managedCluster, this.#stop.signal),
      );
      if (created) await this.#runJobs();
    } finally {
      await this.#operationStep("deleteCluster", () => this.#clusters.delete(this.clusterName));
      if (this.#stop.signal.aborted) this.#error ??= statusOf(this.#stop.signal.reason as Failure);
      Object.assign(this.#metadata, { state: "DONE", endTime: this.#now() });
      this.#done = true;
    }
  }

  /**
   * Creation and deletion are operations of their own in the metadata. Their failure is the
   * operation's.
   */
  async #operationStep(
    step: "createCluster" | "deleteCluster",
    action: () => Promise<void>,
  ): Promise<boolean> {
    const record = { operationId: randomUUID(), done: false, error: "" };
    this.#metadata[step] = record;
    try {
      await action();
      return true;
    } catch (error) {
      record.error = (error as Error).message;
      this.#error ??= statusOf(error as Failure);
      for (const node of this.nodes.filter(
        ({ state }) => state !== "COMPLETED" && step === "createCluster",
      )) {
        Object.assign(node, { state: "FAILED", error: "Cluster creation failed" });
      }
      return false;
    } finally {
      record.done = true;
    }
  }

  async #runJobs(): Promise<void> {
    const { clock } = this.#world;
    const limit = secondsOf(this.#template.dagTimeout);
    this.#metadata.dagStartTime = this.#now();
    const expire = () =>
      this.#stop.abort(new Failure("DEADLINE_EXCEEDED", `Workflow exceeded its dagTimeout of ${limit} s`));
    const disarm = limit ? clock.at(clock.now() + limit * 1000, expire) : undefined;
    for (let next = this.#runnable(); next; next = this.#runnable()) await this.#runJob(next);
    disarm?.();
    for (const node of this.nodes.filter(({ state }) => state === "BLOCKED" || state === "RUNNABLE")) {
      Object.assign(node, { state: "FAILED", error: "A job that it depends on has failed" });
    }
    this.#metadata.dagEndTime = this.#now();
  }

  /** The next job, unless one has failed. */
  #runnable(): Node | undefined {
    if (this.nodes.some(({ state }) => state === "FAILED")) return undefined;
    const completed = new Set(
      this.nodes.filter(({ state }) => state === "COMPLETED").map(({ stepId }) => stepId),
    );
    return this.nodes.find(
      (node) => !completed.has(node.stepId) && node.prerequisiteStepIds.every((id) => completed.has(id)),
    );
  }

  async #runJob(node: Node): Promise<void> {
    const { pysparkJob } = this.#template.jobs.find(({ stepId }: Message) => stepId === node.stepId);
    const { faults } = this.#world;
    node.state = "RUNNING";
    this.#clusters.setBusy(this.clusterName, true);
    try {
      const submit = () => sparkSubmit(this.#world, pysparkJob, this.#stop.signal);
      const { code, stdout, stderr } = await faults.around(
        "Dataproc.job.run",
        pysparkJob,
        submit,
        this.#stop.signal,
      );
      this.#stop.signal.throwIfAborted();
      const output = await this.#keepOutput(node, stdout + stderr);
      if (code !== 0)
        throw new Error(
          `Google Cloud Dataproc Agent reports job failure. If logs are available, they can be found at: ${output}`,
        );
      node.state = "COMPLETED";
    } catch (error) {
      Object.assign(node, { state: "FAILED", error: (error as Error).message });
    }
    this.#clusters.setBusy(this.clusterName, false);
  }

  /**
   * The driver's output goes to the cluster's bucket, as in production; without a bucket, to the
   * terminal.
   */
  async #keepOutput({ jobId }: Node, output: string): Promise<string> {
    const bucket = this.#template.placement.managedCluster.config?.configBucket;
    if (!bucket) return output.slice(-4000);
    const prefix = `gs://${bucket}/google-cloud-dataproc-metainfo/${this.clusterName}/jobs/${jobId}/driveroutput`;
    await this.#world.files.write(`${prefix}.000000000`, output);
    return prefix;
  }

  #now() {
    return timestamp(this.#world.clock.now());
  }
}

const nodeOf = ({ stepId, prerequisiteStepIds }: Message): Node => ({
  stepId,
  prerequisiteStepIds,
  jobId: `${stepId}-${randomBytes(6).toString("hex")}`,
  state: prerequisiteStepIds.length > 0 ? "BLOCKED" : "RUNNABLE",
  error: "",
});

const statusOf = ({ code, message }: Failure) => ({ code: status[code] ?? status.INTERNAL, message });
