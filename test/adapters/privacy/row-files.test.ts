import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { literal, openDuckDB, query } from "../../../adapters/local/duckdb.ts";
import { openPlaces } from "../../../adapters/privacy/open-places.ts";
import { fileObjects } from "../../../adapters/storage/files.ts";
import { paths } from "../../../contracts/layout.ts";
import type { Place } from "../../../night/privacy/place.ts";
import { settingsWith } from "../../night/shop.ts";
import { temporaryFolder } from "../../temporary.ts";

const USER = `a,"b"\u2028é`;
const folder = temporaryFolder();
const objects = fileObjects(folder);
const { places, close } = await openPlaces(settingsWith({ data: folder }), objects);
const place = (name: string): Place => places.find((each) => each.name === name)!;
const count = async (name: string, user: string) =>
  (await place(name).find(user, () => {})).map(({ rows }) => rows.length);
const erase = (name: string, user = USER) => place(name).erase(user, () => {});
const exportOf = (day: string) => paths.interactions("toys") + paths.exportOf(day, "2026-11-21.1-1");
const generation = async (path: string) => (await objects.get(path))!.generation;
await close();

async function writeParquet(path: string, sql: string): Promise<void> {
  await objects.put(path, "");
  const { connection, close } = await openDuckDB();
  await connection.run(`COPY (${sql}) TO ${literal(join(folder, path))} (FORMAT parquet, COMPRESSION zstd)`);
  close();
}

async function read<Row>(sql: (file: string) => string, path: string): Promise<Row[]> {
  const { connection, close } = await openDuckDB();
  const rows = await query<Row>(connection, sql(literal(join(folder, path))));
  close();
  return rows;
}

describe("Parquet files of interactions", () => {
  const [here, elsewhere] = ["2026-11-20", "2026-11-21"].map((day) => `${exportOf(day)}part-0.parquet`);

  it("are written again where they have the user, with columns, order and compression as before", async () => {
    const rows = (users: string) => `
      SELECT u AS "user", 'tea' AS item, 'view_item' AS event, 3::BIGINT AS count, i AS "lastAt", '2026-11-20' AS day,
        CASE WHEN i > 1 THEN 1.5 END AS price
      FROM (SELECT unnest([${users}]) AS u, generate_subscripts([${users}], 1) AS i)`;
    await writeParquet(here, rows(`'z', ${literal(USER)}, 'a', ${literal(USER)}, 'A,"b"\u2028é'`));
    await writeParquet(elsewhere, rows("'z', 'a'"));
    const untouched = await generation(elsewhere);
    const describeIt = (file: string) => `DESCRIBE SELECT * FROM read_parquet(${file})`;
    const columns = await read(describeIt, here);
    expect(await count("interactions", USER)).toEqual([2]);
    expect(await erase("interactions")).toBe(2);
    expect(await count("interactions", USER)).toEqual([]);
    expect(await generation(elsewhere)).toBe(untouched);
    expect(await read(describeIt, here)).toEqual(columns);
    expect(await read((file) => `SELECT "user" FROM read_parquet(${file})`, here)).toEqual(
      ["z", "a", 'A,"b"\u2028é'].map((user) => ({ user })),
    );
    const codec = await read((file) => `SELECT DISTINCT compression FROM parquet_metadata(${file})`, here);
    expect(codec).toEqual([{ compression: "ZSTD" }]);
  });

  it("may come to be empty", async () => {
    for (const user of ["z", "a"]) await erase("interactions", user);
    expect(await read((file) => `SELECT * FROM read_parquet(${file})`, elsewhere)).toEqual([]);
  });
});

describe("packed lines of interactions, as BigQuery writes them", () => {
  const path = `${exportOf("2026-11-19")}000000000000.ndjson.gz`;
  const line = (user: string, item: string) => `${JSON.stringify({ user, item, count: "2" })}\n`;

  it("keep every other line as it is, byte by byte", async () => {
    const others = [line("b", "x\u2028y"), ` ${line("c", "tea")}`].concat(
      Array.from({ length: 5000 }, (_, k) => line(`user-${k}`, `item-${k}`)),
    );
    await objects.put(
      path,
      gzipSync([others[0], line(USER, "tea"), ...others.slice(1), line(USER, "cup")].join("")),
    );
    expect(await erase("interactions")).toBe(2);
    expect(gunzipSync(readFileSync(join(folder, path))).toString()).toBe(others.join(""));
  });
});

describe("rejected rows", () => {
  const path = paths.rejects("toys", "2026-11-21.1", 1);
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const row = (reason: string, user: string, text: string) =>
    ["f.csv", "1", reason, user && cell(user), cell(text)].join(",");
  const head = "file,line,reason,user,row";

  it("are the user's if their user is, or if a line that cannot be read has the id", async () => {
    const others = [
      row("no_item", "ben", JSON.stringify({ user: "ben", item: USER })),
      row("no_user", "", JSON.stringify({ item: USER })),
      row("malformed_line", "", `xa,"b"\u2028é,tea`),
    ];
    const theirs = [
      row("no_item", USER, "{}"),
      row("malformed_line", "", `${USER},tea,"`),
      row("malformed_line", "", `"${USER.replaceAll('"', '""')}",tea,"`),
      row("malformed_line", "", `{"user":${JSON.stringify(USER)},`),
    ];
    await objects.put(path, [head, ...others, ...theirs, ""].join("\n"));
    expect(await count("rejected rows", USER)).toEqual([4]);
    expect(await erase("rejected rows")).toBe(4);
    expect(await count("rejected rows", USER)).toEqual([]);
    expect(await count("rejected rows", "ben")).toEqual([1]);
    expect(readFileSync(join(folder, path), "utf8").split("\n")).toHaveLength(5);
  });

  it("of a file from before they had users are those that have the id", async () => {
    writeFileSync(
      join(folder, path),
      `file,line,reason,row\nf.csv,1,no_item,"{""user"":""ann""}"\nf.csv,2,no_item,annette\n`,
    );
    expect(await count("rejected rows", "ann")).toEqual([1]);
    expect(await erase("rejected rows", "ann")).toBe(1);
    expect(readFileSync(join(folder, path), "utf8")).toBe("file,line,reason,row\nf.csv,2,no_item,annette\n");
  });
});
