import { Type, type Static } from "typebox";
import { Day } from "./interactions.ts";

const Counts = Type.Record(Type.String(), Type.Integer());

/** A file that a run read. */
export const InputFile = Type.Object({
  path: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  rows: Type.Integer(),
});

/** What the export stage leaves in the manifest. `exported` names its folders: `day=<day>/export=<exported>/`. */
export const ExportMetrics = Type.Object({
  exported: Type.String(),
  days: Type.Array(Day),
  inputs: Type.Array(InputFile),
  rows: Type.Integer({ description: "event rows read" }),
  interactions: Type.Integer({ description: "events that count" }),
  otherEvents: Type.Integer({ description: "events of other kinds" }),
  rejected: Counts,
  rejectsFile: Type.Union([Type.String(), Type.Null()]),
});
export type ExportMetrics = Static<typeof ExportMetrics>;

/** What one neighbour table cost. */
export const ScenarioMetrics = Type.Object({
  entries: Type.Integer({ description: "distinct (user, item) pairs" }),
  capped: Type.Integer({ description: "of them, left after the cap" }),
  kept: Type.Integer({ description: "of them, left after sampling" }),
  pairs: Type.Integer({ description: "ordered pairs added up" }),
  neighbours: Type.Integer(),
  recallAtTop: Type.Optional(
    Type.Number({ description: "dimsum: share of the exact neighbours found, on a sample of items" }),
  ),
});
export type ScenarioMetrics = Static<typeof ScenarioMetrics>;

/** What the similarity stage leaves in the manifest. */
export const SimilarityMetrics = Type.Object({
  neighbours: Type.String({ description: "folder of the neighbours' Parquet files" }),
  items: Type.Integer(),
  users: Type.Integer(),
  scenarios: Type.Record(Type.String(), ScenarioMetrics),
});
export type SimilarityMetrics = Static<typeof SimilarityMetrics>;

/** What the load stage leaves in the manifest: where the snapshot is, and how to know it again. */
export const LoadMetrics = Type.Object({
  catalogue: Type.String(),
  snapshot: Type.Object({
    path: Type.String(),
    bytes: Type.Integer(),
    sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  }),
  items: Type.Integer(),
});
export type LoadMetrics = Static<typeof LoadMetrics>;
