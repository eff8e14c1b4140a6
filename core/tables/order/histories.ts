import type { Knobs } from "../../../contracts/settings/similarity.ts";
import { usersPerItem, type Ratings } from "../../ratings/ratings.ts";
import { floats, integers, labelsOf, orderByPopularity, type Labelled } from "../labels.ts";
import type { Layout } from "../table-maker.ts";

/** Histories laid out for kernels. Worker threads share all arrays without a copy. */
export interface Histories extends Pick<Knobs, "window">, Layout, Labelled {
  /** The labels of each user's history, oldest first, one history after the other. */
  row: Uint16Array | Int32Array;
  /** For each entry of a label's column: where it stands in `row`. */
  place: Int32Array;
  /** Beside it, how far the window reaches from there: entries before << 16 | entries after. */
  reach: Int32Array;
}

/**
 * Lays histories out.
 * @param ratings rows in the order of time
 * Memory beside the ratings: 10 bytes an entry, and 12 from 65,537 items on.
 */
export function layOutHistories(ratings: Ratings, { window, top }: Pick<Knobs, "window" | "top">): Histories {
  const { items, item } = ratings;
  const length = item.length;
  const histories: Histories = {
    ...{ window, top, items },
    row: items <= 2 ** 16 ? new Uint16Array(new SharedArrayBuffer(2 * length)) : integers(length),
    item: integers(items),
    columnStart: integers(items + 1),
    place: integers(length),
    reach: integers(length),
    work: floats(items + 1),
  };
  orderByPopularity(histories, usersPerItem(ratings));
  fill(histories, ratings);
  for (let label = 0; label < items; label++) histories.work[label + 1] += histories.work[label];
  return histories;
}

/** The users of a label. */
export const usersOf = ({ columnStart }: Labelled, label: number): number =>
  columnStart[label + 1] - columnStart[label];

/** One pass over the entries. Columns fill up as in a counting sort. */
function fill(histories: Histories, { users, rowStart, item }: Ratings): void {
  const { columnStart, row, place, reach, work, window } = histories;
  const labelOf = labelsOf(histories);
  const next = columnStart.slice(0, -1);
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      const label = labelOf[item[e]];
      const before = Math.min(window, e - rowStart[u]);
      const after = Math.min(window, rowStart[u + 1] - 1 - e);
      const c = next[label]++;
      row[e] = label;
      place[c] = e;
      reach[c] = (before << 16) | after;
      work[label + 1] += 1 + before + after;
    }
  }
}
