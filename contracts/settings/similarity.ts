import { Type, type Static, type TSchema } from "typebox";
import { TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import { choice, integer, number, shaping, weights } from "./schema.ts";

/** The knobs that define a table of neighbours. */
export const KNOBS = {
  mode: shaping(choice("similarity mode: exact, or sampled by DIMSUM", ["exact", "dimsum"])),
  vectors: shaping(
    choice("item vectors: binary (who), or weighted by event (how much)", ["binary", "weighted"]),
  ),
  eventWeights: shaping(weights("what one event adds to a weighted vector", [0.5, 2, 6])),
  cap: shaping(
    integer("a user's most recent distinct items that count towards similarity; 0: all", 500, 0, 1_000_000),
  ),
  minSupport: shaping(integer("users two items must have in common", 1, 1, 1_000_000)),
  shrinkage: shaping(
    number("L in n/(n+L): how far few users in common pull a similarity to zero", 5, 0, 1e6),
  ),
  alpha: shaping(number("0.5 is the cosine; above it popular neighbours count for more", 0.5, 0, 1)),
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

export type Knobs = Static<ReturnType<typeof Type.Object<typeof KNOBS>>>;
export type Knob = keyof Knobs;
export const KNOB_NAMES = Object.keys(KNOBS) as readonly Knob[];

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

type TableSettings = Partial<Record<TableKnob, unknown>>;

/** The knobs of one table: its own values, else the common ones. */
export const knobsOf = (settings: Knobs & TableSettings, table: TableName): Knobs => ({
  ...commonKnobs(settings),
  ...ownKnobs(settings, table),
});

/** The values for all tables. */
export const commonKnobs = (settings: Knobs): Knobs => given((knob) => settings[knob]) as Knobs;

/** The values for this table alone. */
export const ownKnobs = (settings: TableSettings, table: TableName): Partial<Knobs> =>
  given((knob) => settings[`${table}.${knob}`]);

const given = (valueOf: (knob: Knob) => unknown) =>
  Object.fromEntries(
    KNOB_NAMES.map((knob) => [knob, valueOf(knob)]).filter(([, value]) => value !== undefined),
  );
