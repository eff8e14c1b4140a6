import { Type, type Static, type TSchema } from "typebox";
import { METHOD_NAMES, METHODS, type Method } from "../methods.ts";
import { perTable, TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import { bare, choice, integer, number, shaping, weights } from "./schema.ts";

/** A knob whose default depends on the method. */
function byMethod<T extends TSchema>(knob: keyof (typeof METHODS)[Method], schema: T) {
  const defaults = METHOD_NAMES.map((method) => `${METHODS[method][knob]} with ${method}`).join(", ");
  const { default: _, ...rest } = schema as { default?: unknown; description?: string };
  const described = { ...rest, description: `${rest.description} (default: ${defaults})` };
  return shaping(Type.Optional(described as unknown as T));
}

/** The knobs that define a table of neighbours. */
export const KNOBS = {
  method: shaping(
    Type.Optional(
      Type.Unsafe<Method>(
        Type.String({
          enum: METHOD_NAMES,
          description: `what makes two items alike: cosine: the same users have them; order: they stand near each other in histories; ridge: the same, less what other neighbours tell as well (default: ${TABLE_NAMES.map((name) => `${TABLES[name].method} for ${name}`).join(", ")}; cosine where mode is dimsum, vectors are weighted, or events are undated)`,
        }),
      ),
    ),
  ),
  mode: shaping(choice("similarity mode: exact, or sampled by DIMSUM", ["exact", "dimsum"])),
  vectors: shaping(
    choice("item vectors: binary (who), or weighted by event (how much)", ["binary", "weighted"]),
  ),
  eventWeights: shaping(weights("what one event adds to a weighted vector", [0.5, 2, 6])),
  cap: byMethod(
    "cap",
    integer("a user's most recent distinct items that count towards similarity; 0: all", 0, 0, 1_000_000),
  ),
  minSupport: shaping(integer("users two items must have in common", 1, 1, 1_000_000)),
  shrinkage: byMethod(
    "shrinkage",
    number("L in n/(n+L): how far few users in common pull a similarity to zero", 0, 0, 1e6),
  ),
  alpha: byMethod(
    "alpha",
    number("0.5 treats both items alike; above it popular neighbours count for more", 0, 0, 1),
  ),
  window: shaping(
    integer("order, ridge: two items of a history count together up to so many places apart", 50, 1, 1000),
  ),
  distanceDecay: shaping(
    number("order, ridge: g in 1/(1 + g d), what two items count that stand d places apart", 0.5, 0, 1000),
  ),
  backward: shaping(
    number(
      "order, ridge: what a neighbour counts that came before the item; 1: as much as one after it",
      0.8,
      0,
      1,
    ),
  ),
  candidates: shaping(integer("ridge: what may be neighbours of an item, solved for together", 50, 1, 200)),
  regularization: shaping(
    number(
      "ridge: users that are added to each item of a regression, so that few tell little",
      50,
      0.001,
      1e9,
    ),
  ),
  ownShare: shaping(
    number("ridge: so many times its own users are added to each item of a regression, too", 0.3, 0, 1000),
  ),
  coCounts: shaping(integer("ridge: co-counts kept of each item, its largest", 200, 1, 10_000)),
  top: shaping(integer("neighbours kept for each item", 50, 1, 1000)),
  threshold: shaping(number("DIMSUM: similarities above this are estimated well", 0.1, 1e-6, 1)),
  gamma: shaping(
    Type.Optional(
      Type.Number({
        description: "DIMSUM: oversampling (default: 10 ln(items) / threshold)",
        exclusiveMinimum: 0,
        maximum: 1e12,
      }),
    ),
  ),
  seed: shaping(integer("DIMSUM: chooses which entries are kept", 1, 0, 4_294_967_295)),
};

/** Knobs as settings give them: those whose default depends on the method may be absent. */
export type GivenKnobs = Static<ReturnType<typeof Type.Object<typeof KNOBS>>>;
/** All knobs of one table. */
export type Knobs = Required<Omit<GivenKnobs, "gamma">> & Pick<GivenKnobs, "gamma">;
export type Knob = keyof Knobs;
export const KNOB_NAMES = Object.keys(KNOBS) as readonly Knob[];

/** A table's knobs in jobs and manifests. `gamma` follows from other knobs where it is absent. */
export const ALL_KNOBS = Object.fromEntries(
  Object.entries<TSchema>(KNOBS).map(([knob, schema]) => [
    knob,
    knob === "gamma" ? Type.Optional(bare(schema)) : bare(schema),
  ]),
);

/** A setting that turns a knob for one table only: `similar.shrinkage`. */
export type TableKnob = `${TableName}.${Knob}`;

/** The table and the knob of each such setting. */
export const TABLE_KNOBS = Object.fromEntries(
  TABLE_NAMES.flatMap((table) => KNOB_NAMES.map((knob) => [`${table}.${knob}`, { table, knob }])),
) as Record<TableKnob, { table: TableName; knob: Knob }>;

type OneTablesSchemas = {
  [K in Knob as `${TableName}.${K}`]: ReturnType<typeof Type.Optional<(typeof KNOBS)[K]>>;
};

const ofOneTable = Object.fromEntries(
  Object.entries(TABLE_KNOBS).map(([name, { table, knob }]) => {
    const { default: _, ...schema } = KNOBS[knob] as { default?: unknown };
    const own = TABLES[table].knobs?.[knob];
    const description = `${knob}, for the table ${table} alone`;
    const described = { ...schema, description, ...(own === undefined ? {} : { default: own }) };
    return [name, shaping(Type.Optional(described as TSchema))];
  }),
) as unknown as OneTablesSchemas;

export const similarity = {
  ...KNOBS,
  minScopeUsers: shaping(
    integer("a scope of users with fewer of them is left out, so that it tells of nobody", 10, 1, 1_000_000),
  ),
  threads: integer("worker threads; 0: one for each core", 0, 0, 1024),
  ...ofOneTable,
};

/** The settings that say how tables are made. */
export type TableChoices = GivenKnobs & Partial<Record<TableKnob, unknown>> & { undated?: string };

/** The knobs of one table: its own values, else the common ones, else the method's defaults. */
export function knobsOf(settings: TableChoices, table: TableName, method = methodOf(settings, table)): Knobs {
  const common = given((knob) => settings[knob]);
  const own = given((knob) => settings[`${table}.${knob}`]);
  return { ...METHODS[method], ...common, ...own, method } as Knobs;
}

/** The knobs of each table. */
export const knobsOfAll = (settings: TableChoices): Record<TableName, Knobs> =>
  perTable((table) => knobsOf(settings, table));

/** What the settings say of a knob, for this table or for all. */
const valueOf = (settings: TableChoices, table: TableName, knob: Knob): unknown =>
  settings[`${table}.${knob}`] ?? settings[knob];

/** The method that the settings name, else the table's own where it can be had. */
function methodOf(settings: TableChoices, table: TableName): Method {
  const named = valueOf(settings, table, "method");
  if (named) return named as Method;
  return whyNoOrder(settings, table) ? "cosine" : TABLES[table].method;
}

/** Why a table cannot be made by a method that needs times; undefined: it can. */
export function whyNoOrder(settings: TableChoices, table: TableName): string | undefined {
  if (valueOf(settings, table, "mode") === "dimsum")
    return "mode is dimsum, which samples for the method cosine";
  if (valueOf(settings, table, "vectors") === "weighted")
    return "vectors are weighted, which the method cosine knows";
  return settings.undated === undefined ? undefined : "undated gives all events one time";
}

/** What the BigQuery engine has not got of a table's knobs, and the way out; undefined: nothing. */
export function lackedByBigQuery({ mode, method }: Knobs): { why: string; next: string } | undefined {
  if (mode === "dimsum")
    return {
      why: "the BigQuery engine is exact only, and mode is dimsum",
      next: "set mode to exact, or engine to dataproc",
    };
  if (method === "ridge")
    return {
      why: "the BigQuery engine solves no regressions, and method is ridge",
      next: "set method to order, or engine to dataproc",
    };
  return undefined;
}

const given = (valueOf: (knob: Knob) => unknown) =>
  Object.fromEntries(
    KNOB_NAMES.map((knob) => [knob, valueOf(knob)]).filter(([, value]) => value !== undefined),
  );
