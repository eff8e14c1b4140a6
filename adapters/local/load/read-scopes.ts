import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../contracts/problem.ts";
import type { Scopes } from "../../../core/model/scopes.ts";
import { eachChunk } from "../duckdb.ts";

/**
 * Reads ScopeRows (a relation for SQL). Items get the rows of the table `item_codes`, the
 * snapshot's.
 * @throws Problem when an item is not in the catalogue.
 */
export async function readScopes(connection: DuckDBConnection, source: string): Promise<Scopes> {
  const found = new Map<string, { rows: number[]; users: number[] }>();
  await eachChunk(
    connection,
    `SELECT scope, code, entry.users::INTEGER
     FROM (
       SELECT scope, unnest(items) AS entry, generate_subscripts(items, 1) AS place FROM ${source}
     ) LEFT JOIN item_codes ON item = entry.item
     ORDER BY scope, place`,
    ([scopes, codes, users]) => {
      for (let k = 0; k < scopes.length; k++) {
        if (codes[k] === null) throw unusable();
        const scope = scopes[k] as string;
        const list = found.get(scope) ?? { rows: [], users: [] };
        list.rows.push(codes[k] as number);
        list.users.push(users[k] as number);
        found.set(scope, list);
      }
    },
  );
  return new Map(
    [...found].map(([scope, { rows, users }]) => [
      scope,
      { rows: Int32Array.from(rows), users: Int32Array.from(users) },
    ]),
  );
}

function unusable(): Problem {
  return new Problem({
    doing: "Reading the scopes of the night",
    why: "a scope has an item that is not in the catalogue",
    next: "run the night again from its similarity stage; if it happens again, report it with the manifest",
  });
}
