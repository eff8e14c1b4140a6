import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { literal, openDuckDB, query } from "../../../../adapters/local/duckdb.ts";
import { textOfCell, withoutFormula } from "../../../../adapters/local/export/formulas.ts";
import { rejectedRows } from "../../../../adapters/privacy/rejected-rows.ts";
import { Shop } from "./shop.ts";

const FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@ann", "\tx", "\rx", " =1", "＝1", "-", "'=1", "''@x", "'-5"];
const TEXTS = ["ann", "", "-5", "+3.50", "1=1", "a@b.example", "'quoted'", "(=1)", '{"a": "=1"}'];

it("a cell that a spreadsheet would calculate has a quote before it, and its text comes back", async () => {
  const db = await openDuckDB({ threads: 1 });
  try {
    const texts = [...FORMULAS, ...TEXTS].map((text) => `(${literal(text)})`).join(", ");
    const rows = await query<{ text: string; cell: string; back: string }>(
      db.connection,
      `SELECT *, ${textOfCell("cell")} AS back FROM (SELECT text, ${withoutFormula("text")} AS cell FROM (VALUES ${texts}) t(text))`,
    );
    for (const { text, cell, back } of rows) {
      expect(cell).toBe(FORMULAS.includes(text) ? `'${text}` : text);
      expect(back).toBe(text);
    }
  } finally {
    db.close();
  }
});

it("a rejects file has no formulas, and a user whose id looks like one is found in it", async () => {
  using shop = new Shop();
  const header = "user,item,event,time";
  shop.write("e.csv", [header, "@ann,tea,view,yesterday", "=cmd|' /C calc'!A0", "bob,tea,view,1795255260"]);
  await shop.export();
  const file = readFileSync(shop.rejectsFile, "utf8");
  expect(file).toContain(",'@ann,");
  expect(file).toContain(",'=cmd|' /C calc'!A0");
  const db = await openDuckDB({ threads: 1 });
  try {
    expect(await rejectedRows.rowsOf(db.connection, shop.rejectsFile, "@ann")).toHaveLength(1);
  } finally {
    db.close();
  }
});
