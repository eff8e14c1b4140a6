import { randomUUID } from "node:crypto";
import { Failure } from "../platform/faults.ts";
import { secondsOf, timestamp, type Message } from "../platform/grpc.ts";
import type { World } from "../platform/world.ts";

interface Cluster {
  name: string;
  uuid: string;
  state: "CREATING" | "RUNNING" | "DELETING" | "ERROR";
  labels: Record<string, string>;
  config: Message;
  createdAt: number;
  /** Cancels the limits on its life. */
  age?: () => void;
  idle?: (() => void) | undefined;
}

/** A cluster as tests see it: it exists, so it costs money. */
export interface ClusterView {
  name: string;
  state: string;
  labels: Record<string, string>;
}

/**
 * The clusters of a project. A record appears with its cluster, and goes when the cluster is
 * deleted or its time is up.
 */
export class Clusters {
  readonly #world: World;
  readonly #clusters = new Map<string, Cluster>();

  constructor(world: World) {
    this.#world = world;
  }

  list(): ClusterView[] {
    return [...this.#clusters.values()].map(({ name, state, labels }) => ({ name, state, labels }));
  }

  /** A cluster whose creation fails stays in state ERROR until it is deleted. */
  async create(name: string, { labels, config }: Message, signal: AbortSignal): Promise<void> {
    const { clock, faults } = this.#world;
    const cluster: Cluster = {
      name,
      uuid: randomUUID(),
      state: "CREATING",
      labels: { ...labels },
      config,
      createdAt: clock.now(),
    };
    cluster.labels["goog-dataproc-cluster-name"] = name;
    this.#clusters.set(name, cluster);
    try {
      await faults.around("Dataproc.cluster.create", { name, labels, config }, () => {}, signal);
    } catch (error) {
      cluster.state = "ERROR";
      throw error;
    }
    cluster.state = "RUNNING";
    const age = secondsOf(config?.lifecycleConfig?.autoDeleteTtl);
    if (age) cluster.age = clock.at(clock.now() + age * 1000, () => this.#forget(cluster));
    this.setBusy(name, false);
  }

  /** A cluster that runs no job may be deleted after its idleDeleteTtl. */
  setBusy(name: string, busy: boolean): void {
    const cluster = this.#clusters.get(name);
    const limit = secondsOf(cluster?.config?.lifecycleConfig?.idleDeleteTtl);
    cluster?.idle?.();
    if (!cluster || busy || !limit) return;
    cluster.idle = this.#world.clock.at(this.#world.clock.now() + limit * 1000, () => this.#forget(cluster));
  }

  /** Does nothing when it is gone already. */
  async delete(name: string): Promise<void> {
    const cluster = this.#clusters.get(name);
    if (!cluster) return;
    const before = cluster.state;
    cluster.state = "DELETING";
    try {
      await this.#world.faults.around("Dataproc.cluster.delete", { name }, () => this.#forget(cluster));
    } catch (error) {
      cluster.state = before;
      throw error;
    }
  }

  /**
   * The API's resource.
   * @throws Failure when it does not exist.
   */
  get(name: string): Message {
    const cluster = this.#clusters.get(name);
    if (cluster) return this.#resource(cluster);
    const { project, region } = this.#world;
    throw new Failure(
      "NOT_FOUND",
      `Not found: Cluster projects/${project}/regions/${region}/clusters/${name}`,
    );
  }

  resources(): Message[] {
    return [...this.#clusters.values()].map((cluster) => this.#resource(cluster));
  }

  #resource({ name, uuid, state, labels, config, createdAt }: Cluster): Message {
    const status = { state, stateStartTime: timestamp(createdAt) };
    return { projectId: this.#world.project, clusterName: name, clusterUuid: uuid, labels, config, status };
  }

  #forget(cluster: Cluster): void {
    cluster.age?.();
    cluster.idle?.();
    this.#clusters.delete(cluster.name);
  }
}
