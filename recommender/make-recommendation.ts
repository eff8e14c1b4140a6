import { Type, type Static } from "typebox";
import { MAX_ID_BYTES } from "../contracts/interactions.ts";

/** At most so many ids in one list, and results in one answer. */
const MAX_IDS = 200;
const MAX_RESULTS = 100;
const DEFAULT_RESULTS = 10;

const ids = (description: string) =>
  Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description: `${description}: comma-separated, or the parameter repeated`,
    }),
  );

/** `GET /make_recommendation?browsed=a,b&basket=c&purchased=d&n=10` */
export const MakeRecommendationQuery = Type.Object(
  {
    browsed: ids("items the customer looked at"),
    basket: ids("items in the basket"),
    purchased: ids("items the customer bought"),
    n: Type.Optional(
      Type.String({ description: `how many results, 1 to ${MAX_RESULTS}`, default: `${DEFAULT_RESULTS}` }),
    ),
  },
  { additionalProperties: false },
);

export const MakeRecommendationAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      item: Type.String(),
      score: Type.Number({
        description: "model: sum of query weight x similarity; popular: number of users",
      }),
      source: Type.Unsafe<"model" | "popular">(Type.String({ enum: ["model", "popular"] })),
    }),
  ),
  model: Type.String({ description: "the model that answered" }),
  missingIds: Type.Array(Type.String(), { description: "items of the query that the model does not know" }),
});

/** A request that cannot be answered, and the parameter at fault. */
export class BadRequest extends Error {
  readonly statusCode = 400;
}

/**
 * Splits lists, and bounds everything.
 * @throws BadRequest that names the parameter.
 */
export function parseQuery(query: Static<typeof MakeRecommendationQuery>) {
  return {
    browsed: parseIds("browsed", query.browsed),
    basket: parseIds("basket", query.basket),
    purchased: parseIds("purchased", query.purchased),
    n: parseCount(query.n),
  };
}

function parseIds(name: string, value: string | string[] | undefined): string[] {
  const list = [value ?? []].flat().flatMap((text) => text.split(","));
  const given = list.map((id) => id.trim()).filter((id) => id !== "");
  if (given.length > MAX_IDS)
    throw new BadRequest(`${name} has ${given.length} ids; at most ${MAX_IDS} are looked at`);
  const long = given.find((id) => Buffer.byteLength(id) > MAX_ID_BYTES);
  if (long)
    throw new BadRequest(
      `${name} has an id of ${Buffer.byteLength(long)} bytes; ids have 1 to ${MAX_ID_BYTES}`,
    );
  return given;
}

function parseCount(text: string | undefined): number {
  const n = text === undefined ? DEFAULT_RESULTS : /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(n >= 1 && n <= MAX_RESULTS)) {
    throw new BadRequest(`n is ${JSON.stringify(text)}; it must be a whole number from 1 to ${MAX_RESULTS}`);
  }
  return n;
}
