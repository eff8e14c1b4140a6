import { perTable } from "../../contracts/tables.ts";
import { Value } from "typebox/value";
import { Settings } from "../../contracts/settings/settings.ts";
import { neighbours } from "../../core/library.ts";
import type { Scopes } from "../../core/model/scopes.ts";
import { encodeSnapshot, type FeedColumns } from "../../core/model/encode.ts";
import { GenerationConflict, type Objects } from "../../night/state/objects.ts";
import type { Night } from "../../night/run/run.ts";
import { sha256 } from "../../night/state/sha256.ts";
import type { Stage, StageState } from "../../night/run/stage.ts";
import type { ReadBuyers } from "../../night/publish/hindsight.ts";
import { publish } from "../../night/publish/publish.ts";
import { paths } from "../../contracts/layout.ts";
import { STAGES, type StageName } from "../../contracts/manifest.ts";

/** Objects in memory: the port's plainest adapter. */
export function memoryObjects(): Objects {
  const stored = new Map<string, { data: Uint8Array; generation: string }>();
  let generations = 0;
  return {
    get: async (path) => stored.get(path) ?? null,
    async put(path, data, condition) {
      const now = stored.get(path)?.generation ?? null;
      if (condition && now !== condition.ifGeneration) throw new GenerationConflict(path);
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
      stored.set(path, { data: bytes, generation: String(++generations) });
      return String(generations);
    },
    list: async (prefix) => [...stored.keys()].filter((path) => path.startsWith(prefix)).sort(),
    delete: async (path) => void stored.delete(path),
  };
}

export function settingsWith(change: Partial<Settings> = {}): Settings {
  return { ...(Value.Default(Settings, {}) as Settings), shop: "toys", ...change };
}

/** A snapshot of as many items as asked for, all liked by the same ten users. */
export function smallSnapshot(
  items: number,
  prefix = "item",
  scopes?: Scopes,
  feed?: FeedColumns,
): Uint8Array {
  const rows = Array.from({ length: items }, (_, i) =>
    Array.from({ length: 10 }, (_, u) => ({
      user: `u${u}`,
      item: `${prefix}-${String(i).padStart(4, "0")}`,
    })),
  ).flat();
  const model = neighbours(rows, { method: "cosine", top: 10 });
  const ids = Array.from({ length: items }, (_, row) => model.idOf(row));
  const none = ids.map(() => null);
  const zero = new Int32Array(items);
  return encodeSnapshot({
    ids,
    tables: perTable(() => model.tableOf("similar")),
    catalogue: {
      name: none,
      category: none,
      price: none,
      available: ids.map(() => true),
      users: model.users,
      views: zero,
      purchases: zero,
      ...(feed ? { feed } : {}),
    },
    ...(scopes ? { scopes } : {}),
  });
}

/** A stage that a test leads by the hand: `states` are what its polls find, one after the other. */
export function scriptedStage(
  name: StageName,
  states: StageState[],
): Stage & { started: number[]; cancelled: number } {
  const stage = {
    name,
    started: [] as number[],
    cancelled: 0,
    async start({ attempt }: { attempt: number }) {
      stage.started.push(attempt);
      return { attempt };
    },
    poll: async () => (states.length > 1 ? states.shift()! : states[0]),
    async cancel() {
      stage.cancelled++;
    },
  };
  return stage;
}

export const done: StageState = { state: "done", metrics: {} };

/** A night in memory whose stages are scripted, but for those given. */
export function scriptedNight(
  stages: Partial<Record<StageName, Stage>> = {},
  settings = settingsWith(),
): Night & { clock: Date } {
  const night = {
    objects: memoryObjects(),
    settings,
    stages: Object.fromEntries(
      STAGES.map((name) => [name, stages[name] ?? scriptedStage(name, [done])]),
    ) as Night["stages"],
    owner: "here:1",
    clock: new Date("2026-11-22T01:00:00Z"),
    now: () => night.clock,
  };
  return night;
}

/** A load stage that stores a snapshot, and a publish stage with the real rules. */
export function modelStages(
  night: Night,
  snapshot: () => Uint8Array,
  readBuyers?: ReadBuyers,
): Pick<Night["stages"], "load" | "publish"> {
  const load: Stage = {
    ...scriptedStage("load", []),
    async poll({ manifest: { run }, attempt }) {
      const bytes = snapshot();
      const path = `${paths.model(night.settings.shop, run)}load=${attempt}/snapshot.arrow`;
      await night.objects.put(path, bytes);
      const reference = { path, bytes: bytes.length, sha256: await sha256(bytes) };
      return { state: "done", metrics: { items: 1, snapshot: reference } };
    },
  };
  const publishing: Stage = {
    ...scriptedStage("publish", []),
    async poll({ manifest: { run } }) {
      try {
        const { warnings, ...metrics } = await publish(night.objects, {
          settings: night.settings,
          model: run,
          now: night.now(),
          ...(readBuyers ? { readBuyers } : {}),
        });
        return { state: "done", metrics, warnings };
      } catch (error) {
        return { state: "failed", reason: (error as Error).message, retry: false };
      }
    },
  };
  return { load, publish: publishing };
}
