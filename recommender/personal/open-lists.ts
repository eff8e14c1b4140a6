import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../../contracts/settings/settings.ts";
import { createGuard } from "../../day/calls.ts";
import { boundsOf, longestWorkMs } from "../../day/compute-list.ts";
import type { CurrentModel } from "../model/current-model.ts";
import { createLists, type Lists } from "./lists.ts";
import type { Personal } from "./open-personal.ts";
import { PersonalMetrics } from "./personal-metrics.ts";
import { createWorker } from "./worker.ts";

/** The personal lists of the shop that the settings name. */
export function openLists(
  settings: Settings,
  model: CurrentModel,
  { store, personalizer }: Personal,
  log: FastifyBaseLogger,
): Lists {
  const { shop, "personal.breakMs": breakMs, "personal.retries": retries } = settings;
  const bounds = boundsOf(settings);
  const clock = { now: () => performance.now(), sleep, random: Math.random };
  const guard = personalizer && createGuard({ breakMs, retries, ...clock });
  const waiting = store.sharesQueue ? null : () => store.waiting(shop);
  const metrics = new PersonalMetrics(shop, guard && guard.breaker, waiting);
  const currentModel = () => model.get()?.name;
  const tools = { lists: store.lists, bounds, now: Date.now, currentModel, metrics, log };
  return createLists({
    shop,
    store,
    worker: guard && personalizer && createWorker({ ...guard, personalizer, ...tools }),
    metrics,
    cacheMs: settings["personal.cacheMs"],
    waitMs: settings["personal.waitMs"],
    leaseMs: longestWorkMs(bounds),
  });
}
