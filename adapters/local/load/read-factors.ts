import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../contracts/problem.ts";
import type { FactorMetrics } from "../../../contracts/metrics.ts";
import { turnInto } from "../../../core/factors/diagonalize.ts";
import type { Users } from "../../../core/factors/encode-factors.ts";
import type { FactorRows } from "../../../core/factors/factor-rows.ts";
import { eachChunk } from "../duckdb.ts";

/** What the similarity stage wrote of factors, as relations for SQL. */
export interface FactorSources {
  userFactors: string;
  itemFactors: string;
}

/**
 * Reads the factors of a run. Items get the rows of the table `item_codes`, the snapshot's; users
 * are sorted by id. Both are turned into the items' own basis.
 * @throws Problem when they do not fit the catalogue, or each other.
 */
export async function readFactors(
  connection: DuckDBConnection,
  { userFactors, itemFactors }: FactorSources,
  { factors }: Pick<FactorMetrics, "factors">,
  rows: number,
): Promise<{ items: FactorRows; users: Users }> {
  const items = { rows, factors, values: new Float32Array(rows * factors) };
  await eachChunk(
    connection,
    `SELECT code, vector FROM ${itemFactors} LEFT JOIN item_codes USING (item)`,
    ([codes, blobs]) => codes.forEach((code, k) => place(items, code as number | null, blobs[k])),
  );
  const users = await readUsers(connection, userFactors, factors);
  const turn = turnInto(items);
  turn(users.factors);
  turn(items);
  return { items, users };
}

async function readUsers(connection: DuckDBConnection, source: string, factors: number): Promise<Users> {
  const [{ users, entries, bought }] = await counts(connection, source);
  const made: Users = {
    ids: [],
    factors: { rows: users, factors, values: new Float32Array(users * factors) },
    histories: {
      offset: new Int32Array(users + 1),
      item: new Int32Array(entries),
      weight: new Float32Array(entries),
    },
    bought: { offset: new Int32Array(users + 1), item: new Int32Array(bought) },
  };
  await eachChunk(connection, `SELECT "user", vector FROM ${source} ORDER BY "user"`, ([ids, blobs]) =>
    ids.forEach((id, k) => place(made.factors, made.ids.push(id as string) - 1, blobs[k])),
  );
  let entry = 0;
  let purchase = 0;
  const history = `
    SELECT (row_number() OVER (ORDER BY "user") - 1)::INTEGER AS row, unnest(history) AS entry FROM ${source}`;
  await eachChunk(
    connection,
    `SELECT row, code, entry.weight::DOUBLE, entry.bought FROM (${history}) LEFT JOIN item_codes ON item = entry.item
     ORDER BY row, code`,
    ([rows, codes, weights, boughts]) => {
      for (let k = 0; k < rows.length; k++) {
        if (codes[k] === null) throw unusable("a user's history has an item that is not in the catalogue");
        const row = rows[k] as number;
        made.histories.item[entry] = codes[k] as number;
        made.histories.weight[entry++] = weights[k] as number;
        made.histories.offset[row + 1] = entry;
        if (boughts[k] === true) made.bought.item[purchase++] = codes[k] as number;
        made.bought.offset[row + 1] = purchase;
      }
    },
  );
  for (const { offset } of [made.histories, made.bought])
    for (let u = 0; u < users; u++) offset[u + 1] = Math.max(offset[u], offset[u + 1]);
  return made;
}

async function counts(connection: DuckDBConnection, source: string) {
  const found: { users: number; entries: number; bought: number }[] = [];
  await eachChunk(
    connection,
    `SELECT count(*)::INTEGER, coalesce(sum(len(history)), 0)::INTEGER,
       coalesce(sum(len(list_filter(history, lambda entry: entry.bought))), 0)::INTEGER FROM ${source}`,
    (columns) => {
      const [users, entries, bought] = columns.map(([value]) => value as number);
      found.push({ users, entries, bought });
    },
  );
  return found;
}

function place({ factors, values, rows }: FactorRows, row: number | null, blob: unknown): void {
  const { bytes } = blob as { bytes: Uint8Array };
  if (row === null || row >= rows) throw unusable("an item that has factors is not in the catalogue");
  if (bytes.length !== 4 * factors)
    throw unusable(`a vector has ${bytes.length} bytes, not 4 for each of ${factors} factors`);
  // The bytes may begin anywhere, and a view of floats may not.
  values.set(new Float32Array(new Uint8Array(bytes).buffer), row * factors);
}

function unusable(why: string): Problem {
  const next =
    "run the night again from its similarity stage; if it happens again, report it with the manifest";
  return new Problem({ doing: "Reading the factors of the night", why, next });
}
