import type { Figures, Hindsight } from "../../contracts/hindsight.ts";
import { listRuns } from "../../night/run/run.ts";
import { hindsightOf } from "../../night/state/hindsight.ts";
import type { Objects } from "../../night/state/objects.ts";
import { Followed } from "../../serving/looks.ts";
import { Gauge, type Labels, type Metric } from "../../serving/prometheus.ts";

/** It changes once a night, so not every look reads it. */
const EVERY_MS = 600_000;
/** The last of so many nights that scored a model counts. */
const NIGHTS = 5;

/** What a night found of the model that served on its last day, as gauges of the shop. */
export class FollowedHindsight extends Followed {
  readonly #objects: Objects;
  readonly #shop: string;
  #next = 0;
  #latest: Hindsight | undefined;

  constructor(objects: Objects, shop: string) {
    super("the last nights");
    this.#objects = objects;
    this.#shop = shop;
  }

  protected async read(): Promise<string[]> {
    if (performance.now() < this.#next) return [];
    this.#next = performance.now() + EVERY_MS;
    const runs = await listRuns(this.#objects, this.#shop, NIGHTS);
    this.#latest = runs.map(({ value }) => hindsightOf(value)).findLast((found) => found !== undefined);
    return [];
  }

  gauges(): Metric[] {
    const gauge = (name: string, help: string, read: (latest: Hindsight) => [Labels, number][]) =>
      new Gauge(`steamer_hindsight_${name}`, help, () => {
        const values = this.#latest ? read(this.#latest) : [];
        return values.map(([labels, value]) => [{ shop: this.#shop, ...labels }, value]);
      });
    const figure = (name: string, help: string, of: (figures: Figures) => number | null) =>
      gauge(name, help, ({ deeds }) =>
        Object.entries(deeds).flatMap(([deed, { tables, mostPopular }]) =>
          Object.entries({ ...tables, "most popular": mostPopular }).flatMap(([way, figures]) => {
            const value = of(figures);
            return value === null ? [] : [[{ deed, way }, value] satisfies [Labels, number]];
          }),
        ),
      );
    return [
      figure(
        "ndcg10",
        "of the model that served, by what people did and how it recommends: NDCG@10",
        ({ ndcg10 }) => ndcg10,
      ),
      figure("ndcg10_error", "standard error of NDCG@10", ({ standardError }) => standardError),
      figure("recall10", "recall@10", ({ recall10 }) => recall10),
      figure(
        "coverage10",
        "share of the model's items that are in anybody's first ten",
        ({ coverage10 }) => coverage10,
      ),
      figure("popular", "share of the users whose whole answer was popular items", ({ popular }) => popular),
      gauge("users", "users who were asked", ({ deeds }) =>
        Object.entries(deeds).map(([deed, { users }]) => [{ deed }, users]),
      ),
      gauge("day_seconds", "when the day began that was looked back at: Unix time", ({ day }) => [
        [{}, Date.parse(day) / 1000],
      ]),
    ];
  }
}
