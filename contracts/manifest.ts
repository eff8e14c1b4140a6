import { Type, type Static } from "typebox";
import { Day } from "./interactions.ts";
import { ModelFile } from "./metrics.ts";

/**
 * The four stages of a night, in order. Files, functions, object paths, log fields and metrics use
 * the same words.
 */
export const STAGES = ["export", "similarity", "load", "publish"] as const;
export type StageName = (typeof STAGES)[number];

const Time = Type.String({ description: "ISO 8601, UTC" });
const Metrics = Type.Record(Type.String(), Type.Unknown());

/** The state of one stage of a run. */
export const StageRecord = Type.Object({
  state: Type.Unsafe<"pending" | "running" | "done" | "failed">({
    enum: ["pending", "running", "done", "failed"],
  }),
  attempt: Type.Integer({ minimum: 0, description: "every attempt writes under a prefix of its own" }),
  startedAt: Type.Optional(Time),
  finishedAt: Type.Optional(Time),
  progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  operation: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: "names the work of this attempt: who has it can look at it, or cancel it",
    }),
  ),
  tries: Type.Optional(
    Type.Integer({ minimum: 0, description: "attempts that failed, one after the other" }),
  ),
  retry: Type.Optional(Type.Boolean({ description: "whether the failure may pass by itself" })),
  metrics: Type.Optional(Metrics),
  reason: Type.Optional(Type.String({ description: "why it failed, and what to do next" })),
});
export type StageRecord = Static<typeof StageRecord>;

/**
 * `shops/<shop>/runs/<run>/manifest.json`: a run's inputs, results and costs, and the reason if it
 * failed.
 */
export const Manifest = Type.Object({
  format: Type.Literal(1),
  shop: Type.String(),
  run: Type.String({ description: "<last day>.<number>; its model has the same name" }),
  lastDay: Day,
  state: Type.Unsafe<"running" | "done" | "failed">({ enum: ["running", "done", "failed"] }),
  startedAt: Time,
  finishedAt: Type.Optional(Time),
  lease: Type.Object({ owner: Type.String(), expiresAt: Time }),
  settings: Type.Record(Type.String(), Type.Unknown()),
  versions: Type.Record(Type.String(), Type.String()),
  stages: Type.Object(
    Object.fromEntries(STAGES.map((stage) => [stage, StageRecord])) as Record<StageName, typeof StageRecord>,
  ),
  warnings: Type.Array(Type.String()),
  look: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: "counts the transitions; a task that was meant for an earlier one is late",
    }),
  ),
  cancel: Type.Optional(
    Type.String({ description: "why the run is to be cancelled: the next look does it" }),
  ),
  force: Type.Optional(Type.String({ description: "why the gate is to be passed whatever it measures" })),
  reexport: Type.Optional(
    Type.Array(Day, { description: "days to export again though their tables have not changed" }),
  ),
});
export type Manifest = Static<typeof Manifest>;

/**
 * `shops/<shop>/current.json`: the model that customers see. It is swapped atomically. Only publish
 * and rollback write it.
 */
export const Pointer = Type.Object({
  model: Type.String(),
  lastDay: Day,
  previous: Type.Union([Type.String(), Type.Null()]),
  hold: Type.Union([Type.Null(), Type.Object({ since: Time, reason: Type.String() })], {
    description: "set by a rollback: later nights build their models but do not publish until it is released",
  }),
  retired: Type.Optional(
    Type.Array(Type.Object({ model: Type.String(), at: Time }), {
      description: "what was current or previous and is no more, for a day: no clean-up touches it",
    }),
  ),
  hasBlockList: Type.Optional(
    Type.Literal(true, {
      description: "there is a block list, be it empty: if it is missing, nobody knows what is taken down",
    }),
  ),
});
export type Pointer = Static<typeof Pointer>;

/**
 * `shops/<shop>/blocked.json`, beside the pointer: items that are never recommended, even if a
 * model lists them.
 */
export const BlockList = Type.Object({
  items: Type.Record(Type.String(), Type.Object({ since: Time, reason: Type.String() })),
});
export type BlockList = Static<typeof BlockList>;

/**
 * `shops/<shop>/stock.json`, beside the pointer: names the file of availability and prices that
 * `steamer catalogue push` wrote last. Recommenders read it with the pointer.
 */
export const StockPointer = Type.Object({
  file: ModelFile,
  items: Type.Integer({ description: "items of which it says something" }),
  pushedAt: Time,
  previous: Type.Union([Type.String(), Type.Null()], {
    description: "the file before, which recommenders may still be reading",
  }),
});
export type StockPointer = Static<typeof StockPointer>;

/** A run's last day, and its model's. The run's name begins with it. */
export const lastDayOf = (run: string): string => run.split(".")[0];
