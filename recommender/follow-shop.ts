import type { FastifyBaseLogger } from "fastify";
import { merged, repeat, type Look } from "./looks.ts";
import type { Shop } from "./shop.ts";

/** Pause between two looks at the pointer, the block list and the keys. */
export const REFRESH_MS = 5_000;

/** The looks that keep a shop current. */
export interface Following {
  /** Looks at the pointer and the lists now. */
  refresh(): Promise<Look>;
  /** Begins to look every five seconds; resolves after the first looks. */
  start(): Promise<void>;
  stop(): void;
}

/**
 * Follows a shop's pointer and its lists. The log and the metrics tell the outcome of each look.
 */
export function followShop(
  { model, keys, metrics }: Pick<Shop, "model" | "keys" | "metrics">,
  log: FastifyBaseLogger,
): Following {
  const reported = (look: () => Promise<Look>) => async () => report(await look());
  const report = (look: Look): Look => {
    const name = model.get()?.name ?? "none";
    metrics.looks.add([look.problems.length > 0 ? "failed" : "done"]);
    for (const text of look.news) log.info({ model: name }, text);
    for (const error of look.problems) log.error({ err: error, model: name }, (error as Error).message);
    return look;
  };
  // Lists are followed also while a model loads, however long that takes.
  const looks = [
    reported(() => refreshCounted({ model, metrics })),
    reported(async () =>
      merged(await Promise.all([model.refreshLists(), ...(keys ? [keys.refresh()] : [])])),
    ),
  ];
  let stops: (() => void)[] = [];
  return {
    refresh: async () => merged(await Promise.all(looks.map((look) => look()))),
    async start() {
      const repeated = looks.map((look) => repeat(look, REFRESH_MS));
      stops = repeated.map(({ stop }) => stop);
      await Promise.all(repeated.map(({ first }) => first));
    },
    stop: () => stops.forEach((stop) => stop()),
  };
}

async function refreshCounted({ model, metrics }: Pick<Shop, "model" | "metrics">): Promise<Look> {
  const before = model.get();
  const look = await model.refreshModel();
  if (model.get() !== before) metrics.swaps.add([]);
  return look;
}
