import { Type } from "typebox";
import { Day, EVENTS } from "../interactions.ts";
import { WORD_MEANINGS, type WordMeaning } from "../missing-ids.ts";
import { choice, integer, listOf, mapping, number, shaping } from "./schema.ts";

/** The columns of a flat file that the setting `map` can name. */
export const COLUMNS = [
  "user",
  "device",
  "item",
  "event",
  "time",
  "quantity",
  "status",
  "name",
  "category",
  "price",
  "scope",
] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** Encodings of texts, by the names that browsers use. windows-1252 covers Latin 1. */
const ENCODINGS = [
  "utf-8",
  "windows-1252",
  "utf-16le",
  "utf-16be",
  "iso-8859-2",
  "windows-1250",
  "windows-1251",
  "shift_jis",
  "euc-jp",
  "euc-kr",
  "gb18030",
  "big5",
] as const;

/** What an order's status may say about the order. */
const ORDER_MEANINGS = ["bought", "cancelled"] as const;

/** Where a GA4 event may say to which scope its user belongs. The names get into SQL. */
const GA4_SCOPE =
  "^(geo\\.(continent|sub_continent|country|region|city|metro)|device\\.(category|language)|(user_property|event_param):[A-Za-z][A-Za-z0-9_]{0,39})$";

/** Event files, and the format of their rows. */
export const events = {
  events: Type.Array(Type.String({ minLength: 1 }), {
    description: "event files: paths, folders or globs; Parquet, NDJSON, CSV, also packed by gzip or zstd",
    default: [],
    maxItems: 10_000,
  }),
  map: shaping(
    mapping(
      `which column of a flat file holds what: ${COLUMNS.join(", ")}; a.b is a field of an object, time=A+B a date and a time of day`,
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
    choice(
      "who counts as one user. last_user_id: user_id and, where it is missing, the one that the device was last seen with, else the device (in a flat file: user, device); user_id: user_id, else the device; user_pseudo_id: the device alone",
      ["last_user_id", "user_id", "user_pseudo_id"],
    ),
  ),
  missingIds: shaping(
    mapping(
      "the shop's own words for nobody and for no item, besides the usual ones: WALKIN=user, TBD=item, test=both; NA=id: the word is an id after all",
      "^.{1,256}$",
      `^(${WORD_MEANINGS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Record<string, WordMeaning>>>,
  ),
  itemAlias: shaping(
    Type.Optional(
      Type.String({
        description:
          "ids that items had once: a CSV file of two columns, old and new; events of an old id count as the new one's. On Google Cloud an object: gs://<bucket>/<path>",
        minLength: 1,
      }),
    ),
  ),
  ga4Scope: shaping(
    Type.Optional(
      Type.String({
        description:
          "the scope of a user in a GA4 export: geo.region, geo.country, device.language, user_property:<name>, event_param:<name>, … (default: users have none)",
        pattern: GA4_SCOPE,
      }),
    ),
  ),
  ga4Streams: shaping(
    listOf(
      "^\\d{1,20}$",
      "GA4: only events of these data streams, by their stream_id: for several stores in one property",
    ),
  ),
  ga4Hosts: shaping(
    listOf(
      "^[A-Za-z0-9.-]{1,253}$",
      "GA4: only events of pages on these hosts: shop.example,www.shop.example",
    ),
  ),
  timeFormat: shaping(
    Type.Optional(
      Type.String({
        description:
          "how a flat file writes times, if not as ISO 8601 or a number, in the letters of strptime: %d.%m.%Y %H:%M",
        pattern: "^.{0,200}%.{0,200}$",
      }),
    ),
  ),
  encoding: shaping(choice("the encoding of text files of events", ENCODINGS)),
  undated: shaping(
    Type.Optional(
      Type.Unsafe<string>({
        ...Day,
        description: "the day on which all events of flat files without a time column count",
      }),
    ),
  ),
  orderStatuses: shaping(
    mapping(
      "the shop's own order statuses, besides the usual ones: storniert=cancelled: nothing was bought; refunded=bought: it counts after all",
      "^.{1,256}$",
      `^(${ORDER_MEANINGS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Record<string, (typeof ORDER_MEANINGS)[number]>>>,
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
  robotItems: shaping(
    integer(
      "items that a person looks at in a day, at most: who looks at more, or faster than people do, and buys nothing, is a robot and left out; 0: nobody is",
      100,
      0,
      1_000_000,
    ),
  ),
  userShareLimit: shaping(
    number("share of all events above which one user is no person, and the run fails", 0.2, 0, 1),
  ),
  intraday: shaping(
    Type.Boolean({
      description:
        "GA4: take days of the streaming export (events_intraday_YYYYMMDD) that are over and have no daily table",
      default: false,
    }),
  ),
  rejectLimit: shaping(number("share of damaged rows above which the run fails", 0.01, 0, 1)),
};

/** True when events may say to which scope their user belongs. */
export const haveScopes = ({ map, ga4Scope }: { map: object; ga4Scope?: string | undefined }) =>
  "scope" in map || ga4Scope !== undefined;

/** True when devices take the user that they were last seen with. */
export const haveDevices = ({ identity }: { identity: string }) => identity === "last_user_id";
