import type { BreakerState } from "../../day/breaker.ts";
import type { Waiting } from "../../day/personal-lists.ts";
import { Counter, Gauge, type Labels, type Metric } from "../../serving/prometheus.ts";
import { CallMetrics } from "../observe/call-metrics.ts";

/** What waits in a queue. */
export function queueGauges(labels: Labels, waiting: () => Waiting | null): Metric[] {
  const gauge = (name: string, help: string, read: (waiting: Waiting) => number) =>
    new Gauge(`steamer_personal_${name}`, help, () => {
      const now = waiting();
      return now ? [[labels, read(now)]] : [];
    });
  return [
    gauge("queue_tasks", "tasks that wait or are at work, of all instances", ({ tasks }) => tasks),
    gauge("queue_age_seconds", "age of the oldest of them", ({ oldestAt, tasks }) =>
      tasks === 0 ? 0 : Math.max(0, Date.now() - oldestAt) / 1000,
    ),
  ];
}

/** All that is counted of a shop's personal lists. */
export class PersonalMetrics {
  readonly lookups: Counter;
  readonly tasks: Counter;
  readonly calls: Counter;
  readonly retries: Counter;
  readonly #calls: CallMetrics;
  readonly #queue: Metric[];

  /**
   * @param breaker null: tasks are carried out elsewhere, and no call is made here
   * @param waiting null: the queue is of several shops
   */
  constructor(shop: string, breaker: { state: BreakerState } | null, waiting: (() => Waiting | null) | null) {
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(`steamer_personal_${name}`, help, labels, { shop });
    this.lookups = counter("lookups_total", "stored lists that were asked for, by outcome", ["outcome"]);
    this.tasks = counter("tasks_total", "lists to be computed, by what became of them", ["outcome"]);
    this.#calls = new CallMetrics("steamer_personal", "Personalizer", shop, breaker);
    this.calls = this.#calls.calls;
    this.retries = this.#calls.retries;
    this.#queue = waiting ? queueGauges({ shop }, waiting) : [];
  }

  all(): Metric[] {
    return [this.lookups, this.tasks, ...this.#calls.all(), ...this.#queue];
  }
}
