import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { literal, openDuckDB, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { findPeople } from "../../../../adapters/local/similarity/people.ts";
import { peopleCases } from "../../../golden.ts";

let db: DuckDB;
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

const sqlOf = (value: string | number | null) =>
  value === null ? "NULL::VARCHAR" : typeof value === "string" ? literal(value) : `${value}::BIGINT`;

describe.each(peopleCases)("who is who: $name", ({ rules, interactions, people, metrics }) => {
  it("is found as in the golden rows", async () => {
    const values = interactions.map((row) => `(${row.map(sqlOf).join(", ")})`).join(", ");
    await db.connection.run(`
      CREATE OR REPLACE TABLE pinned AS
      FROM (VALUES ${values}) AS rows("user", device, item, event, count, "lastAt", day)`);
    const found = await findPeople(db.connection, "pinned", rules);
    const rows = await query<Record<string, unknown>>(
      db.connection,
      `SELECT "user", item, event, sum(count)::DOUBLE AS count FROM ${found.interactions} GROUP BY ALL`,
    );
    expect(rows.map((row) => Object.values(row)).sort()).toEqual(people.toSorted());
    expect(found.metrics).toEqual(metrics);
  });
});

it("joins users to their devices by a hash: comparing all with all takes minutes", async () => {
  await db.connection.run(`
    CREATE OR REPLACE TABLE pinned AS
    SELECT i || '' AS "user", CASE WHEN i % 3 = 0 THEN 'd' || i END AS device, 'tea' AS item,
      'view_item' AS event, 1 AS count, i AS "lastAt", '2026-11-01' AS day
    FROM range(10000) AS rows(i)`);
  const rules = {
    linkDevices: true,
    usersOfDevice: 3,
    robotItems: 100,
    robotViews: 20,
    robotMicros: 5_000_000,
  };
  const { interactions } = await findPeople(db.connection, "pinned", rules);
  const [plan] = await query<{ explain_value: string }>(db.connection, `EXPLAIN FROM ${interactions}`);
  expect(plan!.explain_value).toMatch(/HASH_JOIN/);
  expect(plan!.explain_value).not.toMatch(/NL_JOIN|NESTED_LOOP/);
});
