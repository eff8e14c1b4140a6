/**
 * Registers a third table, as a developer would who adds an entry to contracts/tables.ts. Import it
 * first.
 */
import { TABLE_NAMES, TABLES, type TableDefinition, type TableName } from "../../contracts/tables.ts";

export const SEEN = "seen" as TableName;

const definition: TableDefinition = {
  answers: "what others looked at who looked at this",
  events: ["view_item"],
  method: "cosine",
  knobs: { shrinkage: 0, top: 3 },
  column: "seen",
  properties: { items: "seenItems", scores: "seenScores" },
  queryWeights: "queryWeights",
};

(TABLES as Record<string, TableDefinition>)[SEEN] = definition;
(TABLE_NAMES as TableName[]).push(SEEN);
