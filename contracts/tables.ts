import { EVENTS, type EventName } from "./interactions.ts";
import type { Knobs } from "./settings/similarity.ts";

/** The ways in which a table can be computed; each has a maker in core/tables/. */
export type Method = "cosine";

/** A table of a model: the neighbours of each item, under one definition of "alike". */
export interface TableDefinition {
  /** One line for the readers of the API. */
  answers: string;
  /** The events that it is made of. */
  events: readonly EventName[];
  method: Method;
  /** Knobs that have another default for this table. */
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
    method: "cosine",
    column: "similar",
    properties: { items: "items", scores: "scores" },
    queryWeights: "queryWeights",
  },
  together: {
    answers: "what goes with it",
    events: ["add_to_cart", "purchase"],
    method: "cosine",
    column: "together",
    properties: { items: "togetherItems", scores: "togetherScores" },
    queryWeights: "togetherWeights",
  },
} as const satisfies Record<string, TableDefinition>;

/** A request names the table that it wants as its `scenario`. */
export type TableName = keyof typeof DEFINITIONS;

/**
 * The registry of a model's tables: all code that deals with tables asks it. The first is the main
 * one, which requests get by default and the gate looks at. Attribution tokens name a table by its
 * place, so new ones come at the end, and none is taken out.
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
