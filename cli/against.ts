import { Problem } from "../contracts/problem.ts";
import { query } from "../contracts/settings/query.ts";
import { KNOB_NAMES, TABLE_KNOBS } from "../contracts/settings/similarity.ts";

/** What changes the answers of neighbours. */
const NAMES: ReadonlySet<string> = new Set([
  ...[...KNOB_NAMES, ...Object.keys(TABLE_KNOBS)],
  ...Object.keys(query).filter((name) => name !== "includeInput"),
]);

/**
 * Reads `similar.method=cosine,halfLife=0` as flags. A value may have commas: `queryWeights=1,2,3`.
 * @throws Problem for what is no setting of neighbours.
 */
export function settingsAgainst(text: string): Record<string, string> {
  const parts: [name: string, value: string][] = [];
  for (const part of text.split(",")) {
    const [, name, value] = /^\s*([\w.]+)=(.*)$/.exec(part) ?? [];
    if (name !== undefined && NAMES.has(name)) parts.push([name, value]);
    else if (name === undefined && parts.length > 0) parts.at(-1)![1] += `,${part}`;
    else throw unknown(part);
  }
  return Object.fromEntries(parts);
}

function unknown(part: string): Problem {
  return new Problem({
    doing: "Reading --against",
    why: `${JSON.stringify(part)} sets nothing that neighbours are made or asked by`,
    next: "name settings and values as in --against similar.method=cosine,halfLife=0 (docs/configuration.md)",
  });
}
