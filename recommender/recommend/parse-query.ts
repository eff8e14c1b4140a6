import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import {
  DEFAULT_RESULTS,
  LISTS,
  MAX_IDS,
  type RecommendationQuery,
  type RecommendationRequest,
  type ResultField,
} from "../../contracts/http/recommendation.ts";
import type { Query } from "../../core/ranking/answer.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { BadRequest } from "../http/errors.ts";
import { parseCount } from "../http/parse-count.ts";

type ListName = keyof typeof LISTS;
const LIST_NAMES = Object.keys(LISTS) as ListName[];

/**
 * Texts of a URL that may be one id with a comma, or several ids: whether the model has the item
 * decides.
 */
export function ambiguousIds(query: RecommendationQuery): string[] {
  const given = LIST_NAMES.map((name) => query[name]);
  return given.filter(
    (text) => typeof text === "string" && text.length <= MAX_ID_BYTES && text.includes(","),
  ) as string[];
}

/**
 * Splits the lists of a URL, and bounds what a schema cannot. Ids are taken as they are, with all
 * blanks. A repeated parameter has an id each time.
 * @param whole texts with commas that are ids: see `ambiguousIds`
 * @throws BadRequest that names the parameter.
 */
export function parseQuery(query: RecommendationQuery, whole?: { has(id: string): boolean }): Query {
  const { browsed, basket, purchased, n, scenario, fields } = query;
  return {
    browsed: split("browsed", browsed, whole),
    basket: split("basket", basket, whole),
    purchased: split("purchased", purchased, whole),
    n: parseCount(n),
    scenario,
    // The schema has checked each.
    fields: fields?.split(",") as ResultField[] | undefined,
  };
}

/**
 * The same, where a model can be asked what a comma is. A model that looks items up is not: each
 * list would cost one more lookup.
 */
export async function readQuery(
  query: RecommendationQuery,
  model: () => Pick<LoadedModel, "describe" | "ranking">,
): Promise<Query> {
  const texts = ambiguousIds(query);
  if (texts.length === 0) return parseQuery(query);
  const { ranking, describe } = model();
  return parseQuery(query, ranking.when === "now" ? await describe(texts) : undefined);
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

function split(
  field: ListName,
  value: string | string[] | undefined,
  whole: { has(id: string): boolean } | undefined,
): string[] {
  if (value === undefined) return [];
  const isOne = typeof value === "string" && whole?.has(value);
  const parts = typeof value === "string" ? (isOne ? [value] : value.split(",")) : value;
  const given = parts.includes("") ? parts.filter((id) => id !== "") : parts;
  if (given.length > MAX_IDS)
    throw new BadRequest(field, `${field} has ${given.length} ids; at most ${MAX_IDS} are looked at`);
  checkBytes(field, given);
  return given;
}

/** A character has at most three bytes a unit of UTF-16: short ids need no counting. */
function checkBytes(field: string, ids: readonly string[]): void {
  for (const id of ids) {
    if (id.length * 3 <= MAX_ID_BYTES || Buffer.byteLength(id) <= MAX_ID_BYTES) continue;
    const bytes = Buffer.byteLength(id);
    throw new BadRequest(field, `${field} has an id of ${bytes} bytes; ids have 1 to ${MAX_ID_BYTES}`);
  }
}
