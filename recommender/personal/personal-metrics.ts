import type { BreakerState } from "../../day/breaker.ts";
import type { Waiting } from "../../day/personal-lists.ts";
import { Counter, Gauge, type Metric } from "../../serving/prometheus.ts";
import { CallMetrics } from "../observe/call-metrics.ts";

/** All that is counted of a shop's personal lists. */
export class PersonalMetrics {
  readonly lookups: Counter;
  readonly tasks: Counter;
  readonly calls: Counter;
  readonly retries: Counter;
  readonly #calls: CallMetrics;
  readonly #gauges: Metric[];

  /** @param breaker null: tasks are carried out elsewhere, and no call is made here. */
  constructor(shop: string, breaker: { state: BreakerState } | null, waiting: () => Waiting | null) {
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(`steamer_personal_${name}`, help, labels, { shop });
    const ofQueue = (name: string, help: string, read: (waiting: Waiting) => number) =>
      new Gauge(`steamer_personal_${name}`, help, () => {
        const now = waiting();
        return now ? [[{ shop }, read(now)]] : [];
      });
    this.lookups = counter("lookups_total", "stored lists that were asked for, by outcome", ["outcome"]);
    this.tasks = counter("tasks_total", "lists to be computed, by what became of them", ["outcome"]);
    this.#calls = new CallMetrics("steamer_personal", "Personalizer", shop, breaker);
    this.calls = this.#calls.calls;
    this.retries = this.#calls.retries;
    this.#gauges = [
      ofQueue("queue_tasks", "tasks that wait or are at work, of all instances", ({ tasks }) => tasks),
      ofQueue("queue_age_seconds", "age of the oldest of them", ({ oldestAt, tasks }) =>
        tasks === 0 ? 0 : Math.max(0, Date.now() - oldestAt) / 1000,
      ),
    ];
  }

  all(): Metric[] {
    return [this.lookups, this.tasks, ...this.#calls.all(), ...this.#gauges];
  }
}
