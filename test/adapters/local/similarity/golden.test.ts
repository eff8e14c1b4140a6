import { afterAll, beforeAll, expect, it } from "vitest";
import { literal, openDuckDB, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { codeEntries } from "../../../../adapters/local/similarity/entries.ts";
import { findNeighbours } from "../../../../adapters/local/similarity/find-neighbours.ts";
import { codeIds, readIds, readRatings } from "../../../../adapters/local/similarity/read-ratings.ts";
import { defaultsOf } from "../../../../contracts/settings/settings.ts";
import { KNOB_NAMES, knobsOf } from "../../../../contracts/settings/similarity.ts";
import { TABLES } from "../../../../contracts/tables.ts";
import { neighboursOfRow, neighbourTable } from "../../../../core/model/neighbour-table.ts";
import { similarityCases } from "../../../golden.ts";

let db: DuckDB;
beforeAll(async () => {
  db = await openDuckDB({ threads: 1 });
});
afterAll(() => db.close());

it.each(similarityCases)(
  "A night here finds the golden neighbours: $name",
  async ({ options, interactions, neighbours }) => {
    const knobs = knobsOf({ ...defaultsOf(KNOB_NAMES), ...options }, "similar");
    const rows = interactions.map(([user, item, event, count, lastAt = 0]) =>
      [literal(user), literal(item), literal(event), count, lastAt].join(", "),
    );
    await db.connection.run(
      `CREATE OR REPLACE TEMP TABLE golden AS FROM (VALUES ${rows.map((row) => `(${row})`).join(", ")})
       AS rows("user", item, event, count, "lastAt")`,
    );
    await codeIds(db.connection, "golden", "user");
    await codeIds(db.connection, "golden", "item");
    await codeEntries(db.connection, "golden");
    const ids = await readIds(db.connection, "item");
    const ratings = await readRatings(db.connection, TABLES.similar.events, knobs);
    const table = neighbourTable((await findNeighbours(ratings, knobs)).neighbours);
    const found = ids.map((id, row) => [
      id,
      neighboursOfRow(table, row).map(({ item, score }) => [ids[item], score / 1e6]),
    ]);
    expect(Object.fromEntries(found)).toEqual(neighbours);
  },
);
