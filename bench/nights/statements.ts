import { writeFileSync } from "node:fs";
import { openDuckDB, type DuckDB } from "../../adapters/local/duckdb.ts";

/**
 * Loaded into a night before it starts (--import): times every statement, and writes the list to
 * the file that BENCH_STATEMENTS names. A statement's CPU is the whole process's meanwhile. It
 * means something where statements run one at a time, as they do with one thread.
 */
export interface Timed {
  sql: string;
  /** Milliseconds since 1970. */
  at: number;
  wall: number;
  cpu: number;
}

const timed: Timed[] = [];
const { connection, close } = await openDuckDB();
const connections = Object.getPrototypeOf(connection) as DuckDB["connection"];
close();
const { run } = connections;

connections.run = async function (...args) {
  const [at, start, before] = [Date.now(), performance.now(), process.cpuUsage()];
  try {
    return await run.apply(this, args);
  } finally {
    const { user, system } = process.cpuUsage(before);
    const wall = (performance.now() - start) / 1000;
    timed.push({ sql: args[0], at, wall, cpu: (user + system) / 1e6 });
  }
};

process.on("exit", () => writeFileSync(process.env["BENCH_STATEMENTS"]!, JSON.stringify(timed)));
