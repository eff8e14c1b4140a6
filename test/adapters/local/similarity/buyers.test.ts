import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileLiteral, literal, openDuckDB, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { writeBuyers } from "../../../../adapters/local/similarity/write-buyers.ts";
import { buyersCases } from "../../../golden.ts";
import { temporaryFolder } from "../../../temporary.ts";

let db: DuckDB;
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

it.each(buyersCases)("the golden buyers of a day are written: $name", async (golden) => {
  const file = join(temporaryFolder(), "part-0.parquet");
  const rows = golden.interactions.map(
    (row) => `(${row.map((cell) => (typeof cell === "string" ? literal(cell) : cell)).join(", ")})`,
  );
  const relation = `(VALUES ${rows.join(", ")}) AS rows("user", item, event, count, "lastAt", day)`;
  await writeBuyers(db.connection, relation, golden.buyers, file);
  const found = await query<object>(db.connection, `FROM read_parquet(${fileLiteral(file)})`);
  const expected = golden.interactions.filter(([user]) => golden.kept.includes(user));
  expect(found.map((row) => Object.values(row)).sort()).toEqual(expected.toSorted());
});
