import { Problem } from "../../contracts/problem.ts";
import type { AlsKnobs } from "../../contracts/settings/als.ts";
import type { Ratings } from "../ratings/ratings.ts";
import { Arena, lines, MOST_BYTES } from "./arena.ts";
import { strideOf } from "./kernels.ts";

/** The rows of one side: users, or items. All but `rows` are offsets into the memory. */
export interface Side {
  rows: number;
  /** The start of each row's entries; rows + 1 integers. */
  rowStart: number;
  /** The other side's row of each entry. */
  column: number;
  /** The weight v of each entry. */
  weight: number;
  /** lambda n^exponent of each row with n entries. */
  regularization: number;
  /** rows x stride numbers. */
  factors: number;
}
export type SideName = "users" | "items";

/** All that a training works on. Worker threads get it as it is: the memory is shared. */
export interface Workspace {
  memory: WebAssembly.Memory;
  factors: number;
  stride: number;
  unobserved: number;
  users: Side;
  items: Side;
  /** stride x stride: the next basis. */
  rotation: number;
  /** The fixed side's Gram matrix in its own basis, times `unobserved`. */
  diagonal: number;
  /** The Gram matrix of each chunk of rows; see phases.ts. */
  grams: number;
  /** The loss of each chunk of rows; float64. */
  losses: number;
  /** An integer: the next chunk that a thread takes. */
  next: number;
  /** Room for 5 rows, for each thread. */
  scratch: number[];
}

/** Chunks whose Gram matrices are kept apart, at most. */
export const MOST_GRAMS = 256;
/** Rows that a thread takes at a time. */
export const ROWS = 128;

/**
 * Lays out a training in shared memory.
 * @throws Problem when it needs more than 4 GiB, or more than the system has.
 */
export function createWorkspace(ratings: Ratings, knobs: AlsKnobs, threads: number): Workspace {
  const { users, items } = ratings;
  const stride = strideOf(knobs.factors);
  const why = tooLarge(ratings, knobs, threads);
  const doing = `Computing ${knobs.factors} factors of ${users} users and ${items} items`;
  const next =
    "lower als.factors, read fewer days, or run the night on Google Cloud, where Spark computes them";
  if (why) throw new Problem({ doing, why, next });
  const arena = openArena(workspaceBytes(ratings, stride, threads), doing);
  const rows = Math.max(users, items);
  const workspace = {
    memory: arena.memory,
    factors: knobs.factors,
    stride,
    unobserved: knobs.unobserved,
    next: arena.allocate(64),
    rotation: arena.allocate(4 * stride * stride),
    diagonal: arena.allocate(4 * stride),
    grams: arena.allocate(4 * stride * stride * MOST_GRAMS),
    losses: arena.allocate(8 * Math.ceil(rows / ROWS)),
    scratch: Array.from({ length: threads }, () => arena.allocate(20 * stride)),
  };
  const byUser = layOut(arena, users, ratings.item.length, stride);
  const byItem = layOut(arena, items, ratings.item.length, stride);
  // Twice: then items are in order within a user, too, whatever order they came in. So are sums.
  transpose({ rowStart: ratings.rowStart, column: ratings.item, weight: ratings.value }, byItem);
  transpose(byItem, byUser);
  for (const side of [byUser, byItem]) regularize(side, knobs);
  return { ...workspace, users: byUser.side, items: byItem.side };
}

/** Why a training has no room on one machine, in words; undefined: it has. */
export function tooLarge(
  ratings: Ratings,
  { factors }: Pick<AlsKnobs, "factors">,
  threads: number,
): string | undefined {
  const bytes = workspaceBytes(ratings, strideOf(factors), threads);
  if (bytes <= MOST_BYTES - 2 ** 20) return undefined;
  return `their factors take ${(bytes / 2 ** 30).toFixed(1)} GiB, and one machine's part can have 4`;
}

function openArena(bytes: number, doing: string): Arena {
  try {
    return new Arena(bytes);
  } catch (cause) {
    const why = `the system does not give ${Math.ceil(bytes / 2 ** 20)} MiB: ${(cause as Error).message}`;
    throw new Problem({ doing, why, next: "free memory, or lower als.factors", cause });
  }
}

type Laid = ReturnType<typeof layOut>;

function layOut(arena: Arena, rows: number, entries: number, stride: number) {
  const rowStart = arena.int32(rows + 1);
  const column = arena.int32(entries);
  const weight = arena.float32(entries);
  const regularization = arena.float32(rows);
  const side: Side = {
    rows,
    rowStart: rowStart.offset,
    column: column.offset,
    weight: weight.offset,
    regularization: regularization.offset,
    factors: arena.allocate(4 * rows * stride),
  };
  return {
    side,
    rowStart: rowStart.values,
    column: column.values,
    weight: weight.values,
    regularization: regularization.values,
  };
}

/** Entries, row by row. */
interface Rows {
  rowStart: Int32Array;
  column: Int32Array;
  /** Absent: all are 1. */
  weight: ArrayLike<number> | undefined;
}

/** The same entries by column. Within a column, rows are in order. */
function transpose(from: Rows, to: Laid): void {
  const { column, weight } = from;
  for (let e = 0; e < column.length; e++) to.rowStart[column[e] + 1]++;
  for (let r = 0; r < to.side.rows; r++) to.rowStart[r + 1] += to.rowStart[r];
  const next = to.rowStart.slice(0, to.side.rows);
  for (let r = 0; r + 1 < from.rowStart.length; r++) {
    for (let e = from.rowStart[r]; e < from.rowStart[r + 1]; e++) {
      const k = next[column[e]]++;
      to.column[k] = r;
      to.weight[k] = weight?.[e] ?? 1;
    }
  }
}

function regularize(
  { side, rowStart, regularization }: Laid,
  knobs: Pick<AlsKnobs, "regularization" | "exponent">,
): void {
  for (let r = 0; r < side.rows; r++) {
    const entries = rowStart[r + 1] - rowStart[r];
    regularization[r] = knobs.regularization * entries ** knobs.exponent;
  }
}

/** The factors take 4 bytes each, an entry 16, a row 8 more. */
function workspaceBytes({ users, items, item }: Ratings, stride: number, threads: number): number {
  const sideBytes = (rows: number) =>
    lines(4 * (rows + 1)) + 2 * lines(4 * item.length) + lines(4 * rows) + lines(4 * rows * stride);
  const own = lines(4 * stride * stride) * (MOST_GRAMS + 1) + lines(4 * stride) + 64;
  const losses = lines(8 * Math.ceil(Math.max(users, items) / ROWS));
  return sideBytes(users) + sideBytes(items) + own + losses + threads * lines(20 * stride);
}
