import { literal } from "../../duckdb.ts";

/** What the objects in the beginning of a file look like: paths are keys joined by dots. */
export interface JsonShape {
  /** Paths to values, in the order in which they occur; those of objects are left out. */
  values: string[];
  /** Paths to lists. What is within their elements has the list's path before it. */
  lists: Set<string>;
}

/** Objects within objects are looked at down to here. */
const DEPTH = 5;

export function shapeOf(objects: Iterable<object>): JsonShape {
  const values = new Set<string>();
  const lists = new Set<string>();
  const look = (value: unknown, path: string, depth: number): void => {
    if (Array.isArray(value) && depth <= DEPTH) {
      lists.add(path);
      for (const element of value.length > 0 ? value : [null]) look(element, path, depth + 1);
    } else if (isObject(value) && depth <= DEPTH && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`, depth + 1);
    } else if (value !== null) values.add(path);
  };
  for (const object of objects)
    for (const [key, value] of Object.entries(object)) {
      if (value === null) values.add(key);
      look(value, key, 1);
    }
  // A key that is null in one row may be an object in another.
  const outer = new Set([...values].flatMap(outerPaths));
  return { values: [...values].filter((path) => !outer.has(path)), lists };
}

/** `a` and `a.b` of `a.b.c`. */
const outerPaths = (path: string) => Array.from(path.matchAll(/\./g), ({ index }) => path.slice(0, index));

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The lists around what lies at a path, the outermost first. */
export const listsAround = (path: string, { lists }: JsonShape): string[] =>
  [...lists].filter((list) => path === list || path.startsWith(`${list}.`));

/** Where a value lies: a key of the row, and what is below it. */
export interface JsonPlace {
  key: string;
  /** The way from the key to the list whose elements are rows, if the value lies in one of them. */
  list?: string[];
  /** The way on from the key, or from an element of the list. */
  below: string[];
}

/** `rows`: the list whose elements are rows. Of any other list the first element counts. */
export function placeOf(
  path: string,
  keys: readonly string[],
  { lists }: JsonShape,
  rows: string | undefined,
): JsonPlace {
  // A key may have dots in it.
  const key = keys.filter((each) => path === each || path.startsWith(`${each}.`)).sort(longest)[0] ?? path;
  const place: JsonPlace = { key, below: [] };
  const enter = (at: string) => {
    if (at === rows) {
      place.list = place.below;
      place.below = [];
    } else if (lists.has(at)) place.below.push("0");
  };
  enter(key);
  let at = key;
  for (const step of path.length > key.length ? path.slice(key.length + 1).split(".") : []) {
    place.below.push(step);
    enter((at += `.${step}`));
  }
  return place;
}

const longest = (one: string, other: string) => other.length - one.length;

/** SQL for the text of what lies below a JSON value. */
export function textBelow(json: string, below: readonly string[]): string {
  const pointer = below.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return `json_extract_string(${json}, ${literal(pointer || "$")})`;
}

/** SQL for the elements of a list below a JSON value; of what is no list, itself. Never empty. */
export function elementsBelow(json: string, list: readonly string[]): string {
  const path = `$${list.map((key) => `."${key.replaceAll('"', String.raw`\"`)}"`).join("")}`;
  return `coalesce(nullif(json_extract(${json}, ${literal(`${path}[*]`)}), []), [json_extract(${json}, ${literal(path)})])`;
}
