import { afterAll, beforeAll, expect, it } from "vitest";
import { openDuckDB, type DuckDB } from "../../../adapters/local/duckdb.ts";
import { readTestUsers } from "../../../adapters/local/evaluate/test-users.ts";
import { codeEntries } from "../../../adapters/local/similarity/entries.ts";
import { codeIds } from "../../../adapters/local/similarity/read-ratings.ts";

let db: DuckDB;
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

const ROWS = `(VALUES
  ('ann', 'tea', 'view_item', 2, 3), ('ann', 'tea', 'purchase', 1, 9), ('ann', 'cup', 'view_item', 1, 5),
  ('ann', 'pot', 'add_to_cart', 1, 5), ('bob', 'tea', 'view_item', 1, 1)) AS rows("user", item, event, count, "lastAt")`;

it("A test user's history and timeline are of the same interactions", async () => {
  const { connection } = db;
  for (const name of ["user", "item"] as const) await codeIds(connection, ROWS, name);
  await connection.run(
    `CREATE TABLE held_out AS FROM (VALUES ('ann', 'pan'), ('ann', 'tea'), ('bob', 'cup')) AS rows("user", item)`,
  );
  const [cup, pot, tea] = [0, 1, 2];
  await codeEntries(connection, ROWS);
  const [ann, bob] = await readTestUsers(connection);
  expect(ann).toMatchObject({
    row: 0,
    history: { view_item: [cup, tea], add_to_cart: [pot], purchase: [tea] },
    timeline: [cup, pot, tea],
  });
  expect(ann!.targets.toSorted()).toEqual([-1, tea]);
  expect(bob).toMatchObject({ row: 1, targets: [cup], timeline: [tea] });

  // As reviews leave them: what was disliked is in neither.
  await codeEntries(connection, `(FROM ${ROWS} WHERE item <> 'tea')`);
  const [reviewed, nobody] = await readTestUsers(connection);
  expect(reviewed).toMatchObject({ history: { view_item: [cup], purchase: [] }, timeline: [cup, pot] });
  expect(nobody).toMatchObject({ row: 1, history: { view_item: [] }, timeline: [] });
});
