import { once } from "node:events";
import { join } from "node:path";
import type { Load, Loaded } from "./load.ts";
import { forkOn, LOAD_CORE, type Running } from "./server.ts";

export interface Loader {
  run(load: Load): Promise<Loaded>;
  stop(): void;
}

/** The process that generates load, on its own core. */
export function startLoader(): Loader {
  const child = forkOn(LOAD_CORE, join(import.meta.dirname, "load.ts"), [], {});
  return {
    async run(load) {
      child.send(load);
      return (await once(child, "message"))[0] as Loaded;
    },
    stop: () => child.disconnect(),
  };
}

export interface Measured extends Loaded {
  /** User and system time of the server for each request. */
  cpuUs: number;
  /** Share of its core that the server used. */
  busy: number;
  longestPauseMs: number;
}

/** Loads a server, and asks it for its CPU time. */
export async function measure(server: Running, loader: Loader, load: Omit<Load, "port">): Promise<Measured> {
  const before = await server.report();
  const loaded = await loader.run({ ...load, port: server.port });
  const { cpuMs, longestPauseMs } = await server.report();
  const used = cpuMs - before.cpuMs;
  return {
    ...loaded,
    cpuUs: (1000 * used) / loaded.answered,
    busy: used / 1000 / loaded.seconds,
    longestPauseMs,
  };
}
