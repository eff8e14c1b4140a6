import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import {
  DEFAULT_RESULTS,
  MAX_IDS,
  type RecommendationQuery,
  type RecommendationRequest,
  type ResultField,
} from "../../contracts/http/recommendation.ts";
import type { Query } from "../../core/ranking/answer.ts";
import { BadRequest } from "../http/errors.ts";
import { parseCount } from "../http/parse-count.ts";

/**
 * Splits the lists of a URL, and bounds what a schema cannot.
 * @throws BadRequest that names the parameter.
 */
export function parseQuery(query: RecommendationQuery): Query {
  const { browsed, basket, purchased, n, scenario, fields } = query;
  return {
    browsed: split("browsed", browsed),
    basket: split("basket", basket),
    purchased: split("purchased", purchased),
    n: parseCount(n),
    scenario,
    // The schema has checked each.
    fields: fields?.split(",") as ResultField[] | undefined,
  };
}

/**
 * Fills in what a body leaves out, and bounds what a schema cannot.
 * @throws BadRequest that names the field.
 */
export function parseRequest(request: RecommendationRequest): Query {
  const { browsed = [], basket = [], purchased = [], exclude = [], n = DEFAULT_RESULTS } = request;
  for (const [field, ids] of Object.entries({ browsed, basket, purchased, exclude })) checkBytes(field, ids);
  return { ...request, browsed, basket, purchased, exclude, n };
}

function split(field: string, value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  const parts = typeof value === "string" ? value.split(",") : value.flatMap((text) => text.split(","));
  const given = parts.every(isTrimmed) ? parts : parts.map((part) => part.trim()).filter((id) => id !== "");
  if (given.length > MAX_IDS)
    throw new BadRequest(field, `${field} has ${given.length} ids; at most ${MAX_IDS} are looked at`);
  checkBytes(field, given);
  return given;
}

const isTrimmed = (id: string) => id !== "" && id === id.trim();

/** A character has at most three bytes a unit of UTF-16: short ids need no counting. */
function checkBytes(field: string, ids: readonly string[]): void {
  for (const id of ids) {
    if (id.length * 3 <= MAX_ID_BYTES || Buffer.byteLength(id) <= MAX_ID_BYTES) continue;
    const bytes = Buffer.byteLength(id);
    throw new BadRequest(field, `${field} has an id of ${bytes} bytes; ids have 1 to ${MAX_ID_BYTES}`);
  }
}
