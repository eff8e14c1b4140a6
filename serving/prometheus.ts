/**
 * The kinds of metrics, and Prometheus' text format that they are written in. No label comes from a
 * request but its route, so there are few lines.
 */

export type Labels = Record<string, string | number>;

/** Values of a metric. Several objects may have values of the same one, such as one a shop. */
export interface Metric {
  readonly name: string;
  /** What stands once above all values of the name. */
  head(): string[];
  /** A line a value. */
  values(): string[];
}

/** Metrics in Prometheus' text format, which wants all values of a name together. */
export function textOf(metrics: readonly Metric[]): string {
  const named = Map.groupBy(metrics, ({ name }) => name).values();
  const lines = [...named].flatMap((same) => [...same[0].head(), ...same.flatMap((each) => each.values())]);
  return `${lines.join("\n")}\n`;
}

const labelled = (labels: Labels) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(`${value}`)}`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
};
const head = (name: string, type: string, help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/**
 * Counts by labels, whose values come in the order of their names. `common` stands before them in
 * each line.
 */
export class Counter implements Metric {
  readonly name: string;
  readonly #counts = new Map<string, { labels: Labels; count: number }>();
  /** Most that is counted has the same labels as what was counted before it. */
  #last: { values: readonly (string | number)[]; counted: { count: number } } | null = null;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #common: Labels;

  constructor(name: string, help: string, labels: readonly string[], common: Labels = {}) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
    this.#common = common;
  }

  add(values: readonly (string | number)[], by = 1): void {
    const last = this.#last;
    if (last && isEqual(values, last.values)) {
      last.counted.count += by;
      return;
    }
    const key = values.join("\n");
    let counted = this.#counts.get(key);
    if (!counted) {
      const labels = Object.fromEntries(this.#labels.map((label, k) => [label, values[k]]));
      this.#counts.set(key, (counted = { labels, count: 0 }));
    }
    counted.count += by;
    this.#last = { values, counted };
  }

  /** Forgets the counts that are not to be kept. */
  keep(isKept: (labels: Labels) => boolean): void {
    for (const [key, { labels }] of this.#counts) if (!isKept(labels)) this.#counts.delete(key);
    this.#last = null;
  }

  head(): string[] {
    return head(this.name, "counter", this.#help);
  }

  values(): string[] {
    return [...this.#counts.values()].map(
      ({ labels, count }) => `${this.name}${labelled({ ...this.#common, ...labels })} ${count}`,
    );
  }
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** Seconds, up to which a duration is counted in each bucket. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10];

/** Durations in seconds, by route. */
export class Histogram implements Metric {
  readonly name: string;
  readonly #routes = new Map<string, { counts: number[]; sum: number }>();
  readonly #help: string;
  readonly #common: Labels;

  constructor(name: string, help: string, common: Labels = {}) {
    this.name = name;
    this.#help = help;
    this.#common = common;
  }

  observe(route: string, seconds: number): void {
    let found = this.#routes.get(route);
    if (!found) this.#routes.set(route, (found = { counts: Array(BUCKETS.length + 1).fill(0), sum: 0 }));
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) bucket++;
    found.counts[bucket]++;
    found.sum += seconds;
  }

  head(): string[] {
    return head(this.name, "histogram", this.#help);
  }

  values(): string[] {
    return [...this.#routes].flatMap(([route, { counts, sum }]) => {
      let total = 0;
      const own = { ...this.#common, route };
      const buckets = counts.map((count, k) => {
        total += count;
        return `${this.name}_bucket${labelled({ ...own, le: BUCKETS[k] ?? "+Inf" })} ${total}`;
      });
      const labels = labelled(own);
      return [...buckets, `${this.name}_sum${labels} ${sum}`, `${this.name}_count${labels} ${total}`];
    });
  }
}

/** A value that is read when a scrape asks for it. */
export class Gauge implements Metric {
  readonly name: string;
  readonly #help: string;
  readonly #type: string;
  readonly #read: () => [Labels, number][];

  constructor(
    name: string,
    help: string,
    read: () => [Labels, number][],
    type: "gauge" | "counter" = "gauge",
  ) {
    this.name = name;
    this.#help = help;
    this.#type = type;
    this.#read = read;
  }

  head(): string[] {
    return head(this.name, this.#type, this.#help);
  }

  values(): string[] {
    return this.#read().map(([labels, value]) => `${this.name}${labelled(labels)} ${value}`);
  }
}
