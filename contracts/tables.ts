import { EVENTS, type EventName } from "./interactions.ts";
import type { Method } from "./methods.ts";
import type { Knobs } from "./settings/similarity.ts";

/** A table of a model: the neighbours of each item, under one definition of "alike". */
export interface TableDefinition {
  /** One line for the readers of the API's reference. */
  answers: string;
  /** The events whose interactions the table is computed from. */
  events: readonly EventName[];
  /** Its method, unless settings say otherwise. */
  method: Method;
  /** Defaults of this table alone, where they differ from the common ones. */
  knobs?: Partial<Knobs>;
  /** Its column in the snapshot. */
  column: string;
  /** Its properties in Datastore: the neighbours of an item, and their scores. */
  properties: { items: string; scores: string };
  /** The setting that weighs the items of a query. */
  queryWeights: "queryWeights" | "togetherWeights";
}

const DEFINITIONS = {
  similar: {
    answers: "what others liked who liked this",
    events: EVENTS,
    method: "order",
    column: "similar",
    properties: { items: "items", scores: "scores" },
    queryWeights: "queryWeights",
  },
  together: {
    answers: "what goes with it",
    events: ["add_to_cart", "purchase"],
    method: "order",
    column: "together",
    properties: { items: "togetherItems", scores: "togetherScores" },
    queryWeights: "togetherWeights",
  },
} as const satisfies Record<string, TableDefinition>;

/** A table's name. A request names its table as `scenario`. */
export type TableName = keyof typeof DEFINITIONS;

/**
 * The registry of a model's tables. All code that deals with tables asks it. The first table is the
 * main one: the default of requests, and the one that the gate checks. Attribution tokens name a
 * table by its position. So new tables come last, and none is removed.
 */
export const TABLES: Readonly<Record<TableName, TableDefinition>> = DEFINITIONS;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
export const MAIN_TABLE = TABLE_NAMES[0];

/** A record with one value for each table. */
export function perTable<T>(make: (name: TableName, table: TableDefinition) => T): Record<TableName, T> {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, make(name, TABLES[name])])) as Record<
    TableName,
    T
  >;
}
