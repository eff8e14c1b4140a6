import { setTimeout as sleep } from "node:timers/promises";
import { createGuard, type Guard } from "../day/calls.ts";

type Shared = Pick<Guard, "breaker" | "retries">;

/** What calls of one service have in common, for each shop, as long as this instance lives. */
export function guardsByShop(): (shop: string, bounds: { breakMs: number; retries: number }) => Shared {
  const guards = new Map<string, Shared>();
  return (shop, bounds) => {
    if (!guards.has(shop)) {
      const clock = { now: () => performance.now(), sleep, random: Math.random };
      guards.set(shop, createGuard({ ...bounds, ...clock }));
    }
    return guards.get(shop)!;
  };
}
