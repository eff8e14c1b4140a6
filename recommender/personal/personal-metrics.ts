import type { BreakerState } from "../../day/breaker.ts";
import type { Waiting } from "../../day/personal-lists.ts";
import { Counter, Gauge, type Labels, type Metric } from "../../serving/prometheus.ts";

const STATES: BreakerState[] = ["closed", "half-open", "open"];

/** All that is counted of a shop's personal lists. */
export class PersonalMetrics {
  readonly lookups: Counter;
  readonly tasks: Counter;
  readonly calls: Counter;
  readonly retries: Counter;
  readonly #gauges: Metric[];

  /** @param breaker null: tasks are carried out elsewhere, and no call is made here. */
  constructor(shop: string, breaker: { state: BreakerState } | null, waiting: () => Waiting | null) {
    const own = (labels: Labels): Labels => ({ shop, ...labels });
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(`steamer_personal_${name}`, help, labels, { shop });
    const ofQueue = (name: string, help: string, read: (waiting: Waiting) => number) =>
      new Gauge(`steamer_personal_${name}`, help, () => {
        const now = waiting();
        return now ? [[own({}), read(now)]] : [];
      });
    this.lookups = counter("lookups_total", "stored lists that were asked for, by outcome", ["outcome"]);
    this.tasks = counter("tasks_total", "lists to be computed, by what became of them", ["outcome"]);
    this.calls = counter("calls_total", "calls of the Personalizer, by status", ["status"]);
    this.retries = counter("retries_total", "calls that were tried again", []);
    this.#gauges = [
      new Gauge("steamer_personal_breaker", "1: the state of the Personalizer's breaker", () =>
        breaker ? STATES.map((state) => [own({ state }), breaker.state === state ? 1 : 0]) : [],
      ),
      ofQueue("queue_tasks", "tasks that wait or are at work, of all instances", ({ tasks }) => tasks),
      ofQueue("queue_age_seconds", "age of the oldest of them", ({ oldestAt, tasks }) =>
        tasks === 0 ? 0 : Math.max(0, Date.now() - oldestAt) / 1000,
      ),
    ];
  }

  all(): Metric[] {
    return [this.lookups, this.tasks, this.calls, this.retries, ...this.#gauges];
  }
}
