import { Type } from "typebox";
import { Day, EVENTS } from "../interactions.ts";
import { choice, integer, mapping, number, shaping } from "./schema.ts";

/** The columns of a flat file that the setting `map` can name. */
export const COLUMNS = ["user", "item", "event", "time", "quantity", "name", "category", "price"] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** Event files, and the format of their rows. */
export const events = {
  events: Type.Array(Type.String({ minLength: 1 }), {
    description: "event files: paths, folders or globs; Parquet, NDJSON, CSV, also gzipped",
    default: [],
    maxItems: 10_000,
  }),
  map: shaping(
    mapping(
      `which column of a flat file holds what: ${COLUMNS.join(", ")}`,
      `^(${COLUMNS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Partial<Record<ColumnName, string>>>>,
  ),
  eventNames: shaping(
    mapping(
      "the shop's own event names, and what they mean: view=view_item; `*` stands for every other name",
      "^.{1,256}$",
      `^(${EVENTS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Record<string, (typeof EVENTS)[number]>>>,
  ),
  identity: shaping(
    choice("who counts as one user: user_id and, where it is missing, user_pseudo_id; or the device alone", [
      "user_id",
      "user_pseudo_id",
    ]),
  ),
  lastDay: Type.Optional(
    Type.Unsafe<string>({
      ...Day,
      description: "last day to read (default: the latest day in the events)",
    }),
  ),
  days: shaping(integer("how many days to read, up to the last day", 30, 1, 3660)),
  allowMissingDays: shaping(
    Type.Boolean({
      description: "go on when daily files leave out a day of the window",
      default: false,
    }),
  ),
  rejectLimit: shaping(number("share of damaged rows above which the run fails", 0.01, 0, 1)),
};
