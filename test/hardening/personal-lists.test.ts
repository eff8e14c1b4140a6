import { pino } from "pino";
import { expect, it } from "vitest";
import { openPersonalizer } from "../../adapters/grpc/personalizer-client.ts";
import { openLocalStore } from "../../adapters/local/personal/store.ts";
import { createGuard } from "../../day/calls.ts";
import { createLists } from "../../recommender/personal/lists.ts";
import { PersonalMetrics } from "../../recommender/personal/personal-metrics.ts";
import { createWorker } from "../../recommender/personal/worker.ts";
import { listOf } from "../stand-in-personalizer.ts";
import { temporaryFolder } from "../temporary.ts";
import { closing, MODEL, standIn } from "../recommender/personal/service.ts";

it("A list is used until it expires, then computed again", async () => {
  const { address, calls } = await standIn(() => listOf(["tent"], MODEL));
  const clock = { now: 1_000_000 };
  const now = () => clock.now;
  const patient = { cacheMs: 10_000, waitMs: 10_000 };
  const options = { ...patient, most: 10, atOnce: 1, leaseMs: 10_000, failed: () => {}, now };
  const store = closing(openLocalStore(temporaryFolder(), options));
  const chance = { sleep: async () => {}, random: () => 0 };
  const guard = createGuard({ retries: 0, breakMs: 1000, now: () => performance.now(), ...chance });
  const metrics = new PersonalMetrics("toys", guard.breaker, () => store.waiting("toys"));
  const worker = createWorker({
    ...guard,
    lists: store.lists,
    personalizer: closing(openPersonalizer(address)),
    bounds: { results: 40, ttlMs: 3_600_000, callMs: 10_000, retries: 0 },
    currentModel: () => MODEL,
    metrics,
    log: pino({ level: "silent" }),
    now,
  });
  const lists = createLists({ ...patient, shop: "toys", store, worker, metrics, leaseMs: 10_000, now });
  lists.start();
  const visit = { shop: "toys", model: MODEL, scope: "", user: "ann", history: [], traceparent: "" };
  expect(await lists.of(visit)).toMatchObject({ from: "model", results: [{ item: "tent" }] });
  clock.now += 3_599_999;
  await lists.of(visit);
  expect(calls).toHaveLength(1);
  clock.now += 1;
  expect(await lists.of(visit)).toMatchObject({ results: [{ item: "tent" }] });
  expect(calls).toHaveLength(2);
});
