import { MAX_ID_BYTES } from "./interactions.ts";
import type { AliasMetrics } from "./metrics.ts";
import { Problem } from "./problem.ts";

/** Ids that items had once: events of such an id count as events of the one it has now. */
export interface ItemAliases {
  /** The file or object. */
  source: string;
  /** Of its bytes. */
  sha256: string;
  /** For each old id the one that the item has now, which is no old one. */
  newIds: ReadonlyMap<string, string>;
}

/** For the manifest. */
export const describeAliases = ({ source, sha256, newIds }: ItemAliases): AliasMetrics => ({
  ...{ source, sha256 },
  ids: newIds.size,
});

/** What a request of BigQuery has room for, beside a hundred thousand erased users. */
export const ALIAS_LIMITS = { pairs: 100_000, bytes: 3 << 20 };

export const unreadableAliases = (source: string, why: string, next: string, cause?: unknown) =>
  new Problem({ doing: `Reading the item aliases ${source}`, why, next, cause });

/**
 * Reads pairs of an old and a new id, and follows chains: of a→b and b→c both are c.
 * @param records the cells of each line; a first line of "old" and "new" says which is which
 * @throws Problem for what is no pair of ids, an id that became two, and a circle.
 */
export function resolveAliases(source: string, records: readonly string[][]): Map<string, string> {
  const refuse: Refuse = (why, next) => unreadableAliases(source, why, next);
  const pairs = readPairs(records, refuse);
  const next = new Map<string, string>();
  for (const { from, to, line } of pairs) {
    const other = next.get(from);
    if (other !== undefined && other !== to)
      throw refuse(
        `line ${line} calls ${quoted(from)} ${quoted(to)}, and an earlier one ${quoted(other)}`,
        ONE,
      );
    next.set(from, to);
  }
  return new Map([...next.keys()].map((from) => [from, endOf(from, next, refuse)]));
}

type Refuse = (why: string, next: string) => Problem;

const ONE = "keep the line that counts";
const PAIRS = "write a line an item: its old id and its new one, as old,new";

function readPairs(records: readonly string[][], refuse: Refuse) {
  const head = records[0]?.map((cell) => cell.trim().toLowerCase()) ?? [];
  const hasHead = head.length === 2 && head.includes("old") && head.includes("new");
  const [first, second] = hasHead && head[0] === "new" ? [1, 0] : [0, 1];
  const rows = records.map((cells, k) => ({ cells, line: k + 1 })).slice(hasHead ? 1 : 0);
  if (rows.length > ALIAS_LIMITS.pairs)
    throw refuse(`it has more than ${ALIAS_LIMITS.pairs} lines`, "leave out ids that no event has any more");
  for (const { cells, line } of rows)
    if (cells.length !== 2 || !cells.every(isId))
      throw refuse(`line ${line} is no pair of ids: ${cells.join(",").slice(0, 100)}`, PAIRS);
  const pairs = rows.map(({ cells, line }) => ({ from: cells[first], to: cells[second], line }));
  return pairs.filter(({ from, to }) => from !== to);
}

/** Controls would divide what goes to BigQuery as one text. */
const isId = (text: string) =>
  text.trim() !== "" && !/\p{Cc}/u.test(text) && new TextEncoder().encode(text).length <= MAX_ID_BYTES;

function endOf(from: string, next: ReadonlyMap<string, string>, refuse: Refuse): string {
  const way = new Set([from]);
  let at = from;
  for (let to = next.get(at); to !== undefined; to = next.get(at)) {
    if (way.has(to)) throw refuse(`${[...way, to].slice(-5).map(quoted).join(" → ")} is a circle`, ONE);
    way.add((at = to));
  }
  return at;
}

const quoted = (id: string) => JSON.stringify(id);
