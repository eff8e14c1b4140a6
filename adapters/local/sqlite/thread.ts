import { parentPort, workerData } from "node:worker_threads";

/**
 * SQLite's calls block, and a file that is locked or on a dead disk blocks for long: they have a
 * thread of their own.
 */
export interface Place {
  file: string;
  /** URL of a module whose `openTables(file)` returns functions, and `close` among them. */
  tables: string;
}

export interface Order {
  id: number;
  call: string;
  args: unknown[];
  /** Nobody waits for the answer later. */
  until: number;
}

export type Carried = { id: number; answer: unknown } | { id: number; error: string };

type Tables = Record<string, (...args: unknown[]) => unknown>;

const { file, tables: url } = workerData as Place;
const { openTables } = (await import(url)) as { openTables(file: string): Tables };
let tables: Tables | null = null;

parentPort!.on("message", (order: Order | "close") => {
  if (order === "close") {
    drop();
    parentPort!.close();
  } else parentPort!.postMessage(carryOut(order));
});

function carryOut({ id, call, args, until }: Order): Carried {
  try {
    if (Date.now() > until) throw new Error("its turn came too late");
    tables ??= openTables(file);
    return { id, answer: tables[call](...args) };
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
    tables?.["close"]();
  } catch {
    // It is of no use any more.
  }
  tables = null;
}
