import { EVENTS, type EventName } from "../../contracts/interactions.ts";
import { isOrdered, METHOD_NAMES, type Method } from "../../contracts/methods.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { knobsOf, lackedByBigQuery, whyNoOrder, type Knob } from "../../contracts/settings/similarity.ts";
import { MAIN_TABLE, TABLES, type TableName } from "../../contracts/tables.ts";
import { makerOf } from "../tables/makers.ts";
import { isActive, type Dimension, type Point, type Space } from "./space.ts";

/** What may be searched: the table's method and its knobs, or how a query weighs events. */
export const SEARCHES = ["table", "weights"] as const;
export type Search = (typeof SEARCHES)[number];

/** A search among the settings of one table. */
export interface TableSearch {
  space: Space;
  /** The point of the present settings. */
  present: Point;
  /** The settings that a point stands for. */
  settingsOf(point: Point): Partial<Settings>;
}

export interface TableSearchRequest {
  settings: Settings;
  table: TableName;
  /** Settings that the operator gave: they stay as they are. */
  given: ReadonlySet<string>;
  /** The events that histories have. */
  events: readonly EventName[];
  only?: Search | undefined;
}

/** No half-life: the longest that is searched is as good as none. */
const LONGEST = 200;
const HALF_LIFE: Dimension = { kind: "number", low: 0.5, high: LONGEST, log: true };
/** What an event counts, as a multiple of what the first event counts. */
const RATIO: Dimension = { kind: "number", low: 0.05, high: 50, log: true };

/**
 * The space of a table. Of a query's weights only ratios matter, so the first event that histories
 * have keeps its weight. The half-life is one setting of all tables: it is searched with the main
 * one.
 */
export function tableSearch(request: TableSearchRequest): TableSearch {
  const { settings, table, given, only } = request;
  const isFree = (name: string) => !given.has(name);
  const space: Record<string, Dimension> = {};
  const knobs = only === "weights" ? {} : knobSpace(settings, table, given);
  const weights = isFree(TABLES[table].queryWeights) && only !== "table" ? weightSpace(request) : {};
  Object.assign(space, knobs, weights);
  if (table === MAIN_TABLE && only === undefined && isFree("halfLife")) space["halfLife"] = HALF_LIFE;
  return {
    space,
    present: presentPoint(space, request),
    settingsOf: (point) => ({
      ...(Object.keys(knobs).length > 0 ? { [`${table}.method`]: knobsOf(settings, table).method } : {}),
      ...Object.fromEntries(
        Object.keys(knobs).flatMap((knob) => (knob in point ? [[`${table}.${knob}`, point[knob]]] : [])),
      ),
      ...("halfLife" in point
        ? { halfLife: point["halfLife"] === LONGEST ? 0 : (point["halfLife"] as number) }
        : {}),
      ...(Object.keys(weights).length > 0 ? { [TABLES[table].queryWeights]: weightsOf(request, point) } : {}),
    }),
  };
}

/** The method, and the knobs of each method that the settings leave open. */
function knobSpace(settings: Settings, table: TableName, given: ReadonlySet<string>): Space {
  const isFree = (knob: string) => !given.has(knob) && !given.has(`${table}.${knob}`);
  const methods = isFree("method")
    ? METHOD_NAMES.filter((method) => makerOf(method).search && canBeHad(method, settings, table))
    : [knobsOf(settings, table).method];
  const space: Record<string, Dimension> = {};
  if (methods.length > 1) space["method"] = { kind: "choice", values: methods };
  for (const method of methods) {
    for (const [knob, dimension] of Object.entries(makerOf(method).search?.space ?? {})) {
      if (!isFree(knob) || knob in space) continue;
      const having = methods.filter((other) => knob in (makerOf(other).search?.space ?? {}));
      space[knob] =
        having.length === methods.length ? dimension : { ...dimension, when: { knob: "method", is: having } };
    }
  }
  return space;
}

const canBeHad = (method: Method, settings: Settings, table: TableName): boolean =>
  !(isOrdered(method) && whyNoOrder(settings, table)) &&
  !(settings.engine === "bigquery" && lackedByBigQuery({ ...knobsOf(settings, table), method }));

const weightSpace = ({ events }: TableSearchRequest): Space =>
  Object.fromEntries(events.slice(1).map((event) => [event, RATIO]));

const presentWeights = ({ settings, table }: TableSearchRequest) =>
  settings[TABLES[table].queryWeights] ?? { view_item: 1, add_to_cart: 1, purchase: 1 };

function weightsOf(request: TableSearchRequest, point: Point): Record<EventName, number> {
  const present = presentWeights(request);
  const unit = present[request.events[0]] || 1;
  const weightOf = (event: EventName) =>
    event in point ? Number((unit * (point[event] as number)).toPrecision(3)) : present[event];
  return Object.fromEntries(
    EVENTS.map((event) => [event, event === request.events[0] ? unit : weightOf(event)]),
  ) as Record<EventName, number>;
}

function presentPoint(space: Space, request: TableSearchRequest): Point {
  const { settings, table, events } = request;
  const knobs = knobsOf(settings, table);
  const weights = presentWeights(request);
  const valueOf = (name: string): number | string => {
    if (name === "halfLife") return settings.halfLife || LONGEST;
    if ((EVENTS as readonly string[]).includes(name))
      return weights[name as EventName] / (weights[events[0]] || 1);
    return knobs[name as Knob] as number | string;
  };
  const method: { method?: Method } = "method" in space ? { method: knobs.method } : {};
  const active = Object.keys(space).filter((name) => isActive(space[name], method));
  return Object.fromEntries(active.map((name) => [name, valueOf(name)]));
}
