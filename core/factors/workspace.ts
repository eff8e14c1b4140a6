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

/** Rows of users and items are summed up beforehand: an entry has a weight above 0. */
export type Weighted = Required<Pick<Ratings, "users" | "items" | "rowStart" | "item" | "value">>;

/** Chunks whose Gram matrices are kept apart, at most. */
export const MOST_GRAMS = 256;
/** Rows that a thread takes at a time. */
export const ROWS = 128;

/**
 * Lays out a training in shared memory.
 * @throws Problem when it needs more than 4 GiB.
 */
export function createWorkspace(ratings: Weighted, knobs: AlsKnobs, threads: number): Workspace {
  const { users, items } = ratings;
  const stride = strideOf(knobs.factors);
  const bytes = workspaceBytes(ratings, stride, threads);
  if (bytes > MOST_BYTES - 2 ** 20) throw tooLarge(users, items, knobs.factors, bytes);
  const arena = new Arena(bytes);
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
  byUser.rowStart.set(ratings.rowStart);
  byUser.column.set(ratings.item);
  byUser.weight.set(ratings.value);
  transpose(ratings, byItem);
  for (const side of [byUser, byItem]) regularize(side, knobs);
  return { ...workspace, users: byUser.side, items: byItem.side };
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

/** The same entries by item. Users keep their order within an item. */
function transpose(ratings: Weighted, { rowStart, column, weight }: Laid): void {
  for (let e = 0; e < ratings.item.length; e++) rowStart[ratings.item[e] + 1]++;
  for (let i = 0; i < ratings.items; i++) rowStart[i + 1] += rowStart[i];
  const next = rowStart.slice(0, ratings.items);
  for (let u = 0; u < ratings.users; u++) {
    for (let e = ratings.rowStart[u]; e < ratings.rowStart[u + 1]; e++) {
      const k = next[ratings.item[e]]++;
      column[k] = u;
      weight[k] = ratings.value[e];
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
function workspaceBytes({ users, items, item }: Weighted, stride: number, threads: number): number {
  const sideBytes = (rows: number) =>
    lines(4 * (rows + 1)) + 2 * lines(4 * item.length) + lines(4 * rows) + lines(4 * rows * stride);
  const own = lines(4 * stride * stride) * (MOST_GRAMS + 1) + lines(4 * stride) + 64;
  const losses = lines(8 * Math.ceil(Math.max(users, items) / ROWS));
  return sideBytes(users) + sideBytes(items) + own + losses + threads * lines(20 * stride);
}

function tooLarge(users: number, items: number, factors: number, bytes: number): Problem {
  return new Problem({
    doing: `Computing ${factors} factors of ${users} users and ${items} items`,
    why: `that takes ${(bytes / 2 ** 30).toFixed(1)} GiB, and one machine's part can have 4`,
    next: "lower als.factors, read fewer days, or run the night on Google Cloud, where Spark computes them",
  });
}
