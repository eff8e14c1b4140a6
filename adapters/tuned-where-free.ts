import { isOrdered, type Method } from "../contracts/methods.ts";
import { TABLE_KNOBS, type TableKnob } from "../contracts/settings/similarity.ts";

/** What a table's knobs were not found with. */
const OTHER_FORMS = ["mode", "vectors"] as const;

/**
 * Tuned settings that nobody has given otherwise. A table's knobs are found together with its
 * method, for exact tables of binary vectors: with other ones they say nothing.
 */
export function tunedWhereFree(
  tuned: Record<string, unknown>,
  values: Record<string, unknown>,
  origin: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const isFree = (name: string) => {
    const own = TABLE_KNOBS[name as TableKnob];
    if (!own) return !origin.has(name);
    const isGiven = (knob: string) => origin.has(knob) || origin.has(`${own.table}.${knob}`);
    if (isGiven(own.knob) || OTHER_FORMS.some(isGiven)) return false;
    const found = tuned[`${own.table}.method`] as Method;
    if (origin.has("undated") && isOrdered(found)) return false;
    if (found === "ridge" && values["engine"] === "bigquery") return false;
    const method = values[`${own.table}.method`] ?? values["method"];
    return method === undefined || method === found;
  };
  return Object.fromEntries(Object.entries(tuned).filter(([name]) => isFree(name)));
}
