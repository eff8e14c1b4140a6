import { setTimeout as sleep } from "node:timers/promises";
import { createGuard, type Guard } from "../day/calls.ts";

type Shared = Pick<Guard, "breaker" | "retries">;

/**
 * What calls of one service have in common, for each shop: as long as this instance lives, and the
 * bounds are the same.
 */
export function guardsByShop(): (shop: string, bounds: { breakMs: number; retries: number }) => Shared {
  const guards = new Map<string, Shared>();
  return (shop, { breakMs, retries }) => {
    const key = JSON.stringify([shop, breakMs, retries]);
    const clock = { now: () => performance.now(), sleep, random: Math.random };
    const guard = guards.get(key) ?? createGuard({ breakMs, retries, ...clock });
    guards.set(key, guard);
    return guard;
  };
}
