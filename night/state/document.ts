import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { Problem } from "../../contracts/problem.ts";
import { GenerationConflict, type Objects, type Stored } from "./objects.ts";

/** A JSON document, and its generation when it was read. A swap compares generations. */
export interface Document<T> {
  path: string;
  value: T;
  generation: string | null;
}

/**
 * Reads a JSON document and checks it; null if there is none.
 * @throws Problem when it does not fit its schema.
 */
export async function readDocument<S extends TSchema>(
  objects: Objects,
  path: string,
  schema: S,
): Promise<Document<Static<S>> | null> {
  const stored = await objects.get(path);
  return stored && documentIn(path, stored, schema);
}

/**
 * The JSON document in a stored object.
 * @throws Problem when it does not fit its schema.
 */
export function documentIn<S extends TSchema>(
  path: string,
  stored: Stored,
  schema: S,
): Document<Static<S>> & { generation: string } {
  const value = parse(path, new TextDecoder().decode(stored.data));
  const [error] = Value.Errors(schema, value);
  if (error) throw unusable(path, `${error.instancePath || "it"} ${error.message}`);
  return { path, value: value as Static<S>, generation: stored.generation };
}

/**
 * Replaces a document that nobody has changed since it was read.
 * @throws GenerationConflict when somebody has.
 */
export async function swapDocument<T>(
  objects: Objects,
  document: Document<T>,
  value: T,
): Promise<Document<T>> {
  const condition = { ifGeneration: document.generation };
  const generation = await objects.put(document.path, JSON.stringify(value, null, 2) + "\n", condition);
  return { path: document.path, value, generation };
}

/**
 * Changes a document, or creates it. Concurrent changes are not lost.
 * @throws any error of `edit`.
 */
export async function changeDocument<S extends TSchema>(
  objects: Objects,
  path: string,
  schema: S,
  edit: (value: Static<S> | null) => Static<S>,
): Promise<Static<S>> {
  for (;;) {
    const document = await readDocument(objects, path, schema);
    const next = edit(document?.value ?? null);
    try {
      return (await swapDocument(objects, document ?? { path, value: next, generation: null }, next)).value;
    } catch (error) {
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(path, "it is not valid JSON", cause);
  }
}

function unusable(path: string, why: string, cause?: unknown): Problem {
  const next = "restore the file from a backup, or move it away";
  return new Problem({ doing: `Reading ${path}`, why, next, cause });
}
