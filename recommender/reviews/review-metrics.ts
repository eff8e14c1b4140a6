import type { BreakerState } from "../../day/breaker.ts";
import type { ReviewCounts } from "../../day/reviews/review-store.ts";
import { Counter, Gauge, type Labels, type Metric } from "../../serving/prometheus.ts";
import { CallMetrics } from "../observe/call-metrics.ts";

const NAME = "steamer_reviews";

/** All that is counted of a shop's reviews. */
export class ReviewMetrics {
  /** Reviews that were sent, by what became of them. */
  readonly sent: Counter;
  readonly tasks: Counter;
  readonly service: CallMetrics;
  readonly #gauges: Metric[];

  constructor(shop: string, breaker: { state: BreakerState }, counts: () => ReviewCounts | null) {
    const gauge = (name: string, help: string, read: (counts: ReviewCounts) => [Labels, number][]) =>
      new Gauge(`${NAME}_${name}`, help, () => {
        const now = counts();
        return now ? read(now).map(([labels, value]) => [{ shop, ...labels }, value]) : [];
      });
    this.sent = new Counter(`${NAME}_sent_total`, "reviews that were sent, by outcome", ["outcome"], {
      shop,
    });
    const help = "reviews to be scored, by what became of them";
    this.tasks = new Counter(`${NAME}_tasks_total`, help, ["outcome"], { shop });
    this.service = new CallMetrics(NAME, "inference service", shop, breaker);
    this.#gauges = [
      gauge("waiting", "reviews that wait for a score; again: for one of another model", (now) => [
        [{ again: "no" }, now.waiting],
        [{ again: "yes" }, now.waitingAgain],
      ]),
      gauge("waiting_age_seconds", "age of the oldest without a score", ({ oldestAt }) => [
        [{}, oldestAt === null ? 0 : Math.max(0, Date.now() - oldestAt) / 1000],
      ]),
      gauge("failed", "reviews that were set aside: `steamer reviews failed` lists them", (now) => [
        [{}, now.failed],
      ]),
      gauge("scored", "reviews that have a score, by label", ({ byLabel }) =>
        Object.entries(byLabel).map(([label, reviews]) => [{ label }, reviews]),
      ),
    ];
  }

  all(): Metric[] {
    return [this.sent, this.tasks, ...this.service.all(), ...this.#gauges];
  }
}
