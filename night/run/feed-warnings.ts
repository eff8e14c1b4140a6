import { FEED_FAULTS, type FeedFault } from "../../contracts/catalogue.ts";
import type { FeedMetrics, LoadMetrics } from "../../contracts/metrics.ts";

/** What was left out of a catalogue, a line each reason. */
export const faultLines = ({ faults }: Pick<FeedMetrics, "faults">): string[] =>
  (Object.entries(faults) as [FeedFault, number][]).map(([fault, count]) => {
    const { of, means } = FEED_FAULTS[fault];
    return `Of the catalogue ${count} ${of}s were left out: ${means}.`;
  });

/** What a night should say about the shop's catalogue. */
export function feedWarnings(catalogue: LoadMetrics["catalogue"], items: number): string[] {
  if (!catalogue) return [];
  return [...faultLines(catalogue), ...strangers(catalogue, items)];
}

/** Ids of another kind are the likeliest fault of a catalogue: no row of it says so. */
function strangers(
  { matched, columns, source }: NonNullable<LoadMetrics["catalogue"]>,
  items: number,
): string[] {
  if (matched > items / 2) return [];
  const id = columns["id"] ?? "id";
  return [
    `Only ${matched} of the model's ${items} items are in the catalogue ${source}, by its column ${id}. If that is not what the events call item: --catalogue-map id=<column>.`,
  ];
}
