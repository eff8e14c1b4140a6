import type { BreakerState } from "../../day/breaker.ts";
import { Counter, Gauge, type Metric } from "../../serving/prometheus.ts";

const STATES: BreakerState[] = ["closed", "half-open", "open"];

/** Calls of another service, counted for one shop. */
export class CallMetrics {
  readonly calls: Counter;
  readonly retries: Counter;
  readonly #breaker: Metric;

  /**
   * @param prefix what the names of the metrics begin with
   * @param breaker null: no call is made here
   */
  constructor(prefix: string, service: string, shop: string, breaker: { state: BreakerState } | null) {
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(`${prefix}_${name}`, help, labels, { shop });
    this.calls = counter("calls_total", `calls of the ${service}, by status`, ["status"]);
    this.retries = counter("retries_total", "calls that were tried again", []);
    this.#breaker = new Gauge(`${prefix}_breaker`, `1: the state of the ${service}'s breaker`, () =>
      breaker ? STATES.map((state) => [{ shop, state }, breaker.state === state ? 1 : 0]) : [],
    );
  }

  all(): Metric[] {
    return [this.calls, this.retries, this.#breaker];
  }
}
