import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileLiteral, literal, openDuckDB, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { readScopes } from "../../../../adapters/local/load/read-scopes.ts";
import { codeIds } from "../../../../adapters/local/similarity/read-ratings.ts";
import { writeScopes } from "../../../../adapters/local/similarity/write-scopes.ts";
import type { ScopeRow } from "../../../../contracts/jobs.ts";
import { scopesCases } from "../../../golden.ts";
import { temporaryFolder } from "../../../temporary.ts";

let db: DuckDB;
const folder = temporaryFolder();
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

const nullable = (text: string | null) => (text === null ? "NULL::VARCHAR" : literal(text));

describe.each(scopesCases)("scopes of users: $name", ({ bounds, interactions, scopes, counts }) => {
  const file = join(mkdtempSync(join(folder, "scopes-")), "part-0.parquet");
  const rows = interactions.map(
    ([user, item, at, scope]) => `(${literal(user)}, ${literal(item)}, ${at}, ${nullable(scope)})`,
  );
  const relation = `(VALUES ${rows.join(", ")}) AS rows("user", item, "lastAt", scope)`;

  it("are the golden ones", async () => {
    expect(await writeScopes(db.connection, relation, bounds, file)).toEqual(counts);
    const found = await query<ScopeRow>(db.connection, `SELECT * FROM read_parquet(${fileLiteral(file)})`);
    const named = found.map(({ scope, users, items }) => {
      return [scope, users, items.map(({ item, users }) => [item, users])];
    });
    expect(named).toEqual(scopes);
  });

  it("are read as rows of the model", async () => {
    await writeScopes(db.connection, relation, bounds, file);
    await codeIds(db.connection, relation, "item");
    const read = await readScopes(db.connection, `read_parquet(${fileLiteral(file)})`);
    const ids = [...new Set(interactions.map(([, item]) => item))].sort();
    const named = [...read].map(([scope, { rows, users }]) => [
      scope,
      Array.from(rows, (row, k) => [ids[row], users[k]]),
    ]);
    expect(named).toEqual(scopes.map(([scope, , items]) => [scope, items]));
  });
});

it("Scopes with an item that the catalogue lacks are refused", async () => {
  await codeIds(db.connection, `(VALUES ('cup')) AS rows(item)`, "item");
  const stray = `(VALUES ('north', [{'item': 'tea', 'users': 1}])) AS rows(scope, items)`;
  await expect(readScopes(db.connection, stray)).rejects.toThrow("not in the catalogue");
});
