/**
 * The kinds of metrics, and Prometheus' text format that they are written in. service-metrics.ts
 * has the recommender's own. No label comes from a request but its route, so there are few lines.
 */

type Labels = Record<string, string | number>;

export interface Metric {
  lines(): string[];
}

const labelled = (labels: Labels) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(`${value}`)}`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
};
const head = (name: string, type: string, help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/** Counts by labels, whose values come in the order of their names. */
export class Counter implements Metric {
  readonly #counts = new Map<string, { labels: Labels; count: number }>();
  /** Most that is counted has the same labels as what was counted before it. */
  #last: { values: readonly (string | number)[]; counted: { count: number } } | null = null;
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly string[];

  constructor(name: string, help: string, labels: readonly string[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
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

  lines(): string[] {
    const counts = [...this.#counts.values()].map(
      ({ labels, count }) => `${this.#name}${labelled(labels)} ${count}`,
    );
    return [...head(this.#name, "counter", this.#help), ...counts];
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
  readonly #routes = new Map<string, { counts: number[]; sum: number }>();
  readonly #name: string;
  readonly #help: string;

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  observe(route: string, seconds: number): void {
    let found = this.#routes.get(route);
    if (!found) this.#routes.set(route, (found = { counts: Array(BUCKETS.length + 1).fill(0), sum: 0 }));
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) bucket++;
    found.counts[bucket]++;
    found.sum += seconds;
  }

  lines(): string[] {
    const routes = [...this.#routes].flatMap(([route, { counts, sum }]) => {
      let total = 0;
      const buckets = counts.map((count, k) => {
        total += count;
        return `${this.#name}_bucket${labelled({ route, le: BUCKETS[k] ?? "+Inf" })} ${total}`;
      });
      const labels = labelled({ route });
      return [...buckets, `${this.#name}_sum${labels} ${sum}`, `${this.#name}_count${labels} ${total}`];
    });
    return [...head(this.#name, "histogram", this.#help), ...routes];
  }
}

/** A value that is read when a scrape asks for it. */
export class Gauge implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #type: string;
  readonly #read: () => [Labels, number][];

  constructor(
    name: string,
    help: string,
    read: () => [Labels, number][],
    type: "gauge" | "counter" = "gauge",
  ) {
    this.#name = name;
    this.#help = help;
    this.#type = type;
    this.#read = read;
  }

  lines(): string[] {
    const values = this.#read().map(([labels, value]) => `${this.#name}${labelled(labels)} ${value}`);
    return [...head(this.#name, this.#type, this.#help), ...values];
  }
}
