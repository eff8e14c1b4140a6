import { parentPort, workerData } from "node:worker_threads";
import { openTables, type Tables } from "./tables.ts";

/**
 * SQLite's calls block, and a file that is locked or on a dead disk blocks for long: they have a
 * thread of their own.
 */
export interface Order {
  id: number;
  call: keyof Tables;
  args: unknown[];
  /** Nobody waits for the answer later. */
  until: number;
}

export type Carried = { id: number; answer: unknown } | { id: number; error: string };

let tables: ReturnType<typeof openTables> | null = null;

parentPort!.on("message", (order: Order | "close") => {
  if (order === "close") {
    drop();
    parentPort!.close();
  } else parentPort!.postMessage(carryOut(order));
});

function carryOut({ id, call, args, until }: Order): Carried {
  try {
    if (Date.now() > until) throw new Error("its turn came too late");
    tables ??= openTables(workerData as string);
    return { id, answer: (tables[call] as (...args: unknown[]) => unknown)(...args) };
  } catch (error) {
    // A file that was damaged, or replaced, is opened anew; one that is busy need not be.
    if ((error as { errcode?: number }).errcode !== BUSY) drop();
    return { id, error: (error as Error).message };
  }
}

/** SQLITE_BUSY */
const BUSY = 5;

function drop(): void {
  try {
    tables?.close();
  } catch {
    // It is of no use any more.
  }
  tables = null;
}
