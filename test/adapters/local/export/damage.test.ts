import { existsSync, renameSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { problemOf, Shop } from "./shop.ts";

const HEADER = "user,item,event,time,quantity";
const good = (n: number) => Array.from({ length: n }, (_, k) => `u${k},tea,view,1795255260,1`);

describe("a rejected row", () => {
  it.each([
    ["a,tea,view,yesterday,1", "bad_time"],
    ["a,tea,view,,1", "bad_time"],
    ["a,tea,view,1999-12-31,1", "bad_time"],
    ["a,tea,view,2099-01-01,1", "bad_time"],
    ["a,,view,1795255260,1", "no_item"],
    ['a,"  ",view,1795255260,1', "no_item"],
    ["a,(not set),view,1795255260,1", "no_item"],
    ["a,NULL,view,1795255260,1", "no_item"],
    ["Guest,tea,view,1795255260,1", "no_user"],
    [",tea,view,1795255260,1", "no_user"],
    [`${"é".repeat(129)},tea,view,1795255260,1`, "bad_id"],
    [`a,${"x".repeat(257)},view,1795255260,1`, "bad_id"],
    ["a,tea,view,1795255260,two", "bad_quantity"],
    ["a,tea,buy,1795255260,0", "cancelled"],
    ["a,tea,buy,1795255260,-1.5", "cancelled"],
    ["a,tea,view", "malformed_line"],
    ["a,tea,view,1795255260,1,2", "malformed_line"],
    ['a,"tea" time,view,1795255260,1', "malformed_line"],
  ])("is kept aside with file, line and reason: %s is %s", async (row, reason) => {
    using shop = new Shop();
    shop.write("e.csv", [HEADER, ...good(1), row, ...good(1)]);
    const result = await shop.export();
    expect(result).toMatchObject({ rows: 3, interactions: 2, rejected: { [reason]: 1 } });
    const rejects = shop.rejects();
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatch(new RegExp(`e\\.csv,3,${reason},`));
  });

  it("has its line number also below lines that cannot be read", async () => {
    using shop = new Shop();
    const late = "a,tea,view,late,1";
    shop.write("e.csv", [HEADER, late, "1", "2", late, ...good(1), "3", late]);
    await shop.export();
    const places = shop.rejects().map((row) => row.split(",").slice(1, 3).join(" "));
    expect(places).toEqual([
      "2 bad_time",
      "5 bad_time",
      "8 bad_time",
      "3 malformed_line",
      "4 malformed_line",
      "7 malformed_line",
    ]);
  });

  it("is none with 256 bytes in an id, or without a quantity", async () => {
    using shop = new Shop();
    shop.write("e.csv", [HEADER, `${"é".repeat(128)},${"x".repeat(256)},view,1795255260,`]);
    expect(await shop.export()).toMatchObject({ interactions: 1, rejected: {} });
    expect(existsSync(shop.rejectsFile)).toBe(false);
  });

  it("of NDJSON is kept as the line that it is", async () => {
    using shop = new Shop();
    const fine = { user: "a", item: "tea", event: "view", time: 1795255260 };
    shop.write("e.ndjson", [fine, '{"user": "a", "item', "", "17", '["a"]', "null", { ...fine, item: null }]);
    const { rejected } = await shop.export();
    expect(rejected).toEqual({ malformed_line: 4, no_item: 1 });
    expect(shop.rejects().map((row) => row.split(",").slice(1, 3).join(" "))).toEqual(
      expect.arrayContaining(["2 malformed_line", "4 malformed_line", "7 no_item"]),
    );
    expect(shop.rejects().join("\n")).toContain('"{""user"": ""a"", ""item"');
  });

  it("of NDJSON spoils no other one, wherever it breaks off", async () => {
    using shop = new Shop();
    const items = [{ item_id: "tea", price: 4.5, quantity: "2" }];
    const times = { event_date: "20261121", event_timestamp: "1795255260000000" };
    const whole = JSON.stringify({ ...times, event_name: "view_item", user_id: "a", items });
    const lines = Array.from({ length: whole.length - 1 }, (_, k) => [whole, whole.slice(0, k + 1)]).flat();
    shop.write("e.ndjson", [...lines, whole]);
    const result = await shop.export();
    expect(result).toMatchObject({
      interactions: whole.length,
      rejected: { malformed_line: whole.length - 1 },
    });
    const rows = shop.rejects().map((row) => row.split(",").slice(1, 3).join(" "));
    expect(rows).toEqual(Array.from({ length: whole.length - 1 }, (_, k) => `${2 * k + 2} malformed_line`));
    const cut = whole.slice(0, whole.indexOf("[") + 1);
    expect(shop.rejects().join("\n")).toContain(`,"${cut.replaceAll('"', '""')}"`);
  });

  it("is counted in its own file, also where small files are read together", async () => {
    using shop = new Shop();
    const late = "a,tea,view,late,1";
    shop.write("a.csv", [HEADER, ...good(1), "x,y", late]);
    shop.write("b.csv", [HEADER]);
    shop.write("c.csv", [HEADER, "1,2,3,4,5,6", late]);
    const event = { user: "a", item: "tea", event: "view", time: 1795255260 };
    shop.write("d.ndjson", [event, "\f", "{", event]);
    shop.write("e.ndjson", ["{", "", { ...event, item: "" }]);
    expect(await shop.export()).toMatchObject({ rows: 10, interactions: 3 });
    const places = shop.rejects().map((row) => /(\w\.\w+,\d,\w+)/.exec(row)?.[1]);
    expect(places.toSorted()).toEqual([
      "a.csv,3,malformed_line",
      "a.csv,4,bad_time",
      "c.csv,2,malformed_line",
      "c.csv,3,bad_time",
      "d.ndjson,3,malformed_line",
      "e.ndjson,1,malformed_line",
      "e.ndjson,3,no_item",
    ]);
  });

  it("may be one that is not UTF-8", async () => {
    using shop = new Shop();
    const latin1 = Buffer.from("käse,tea,view,1795255260,1", "latin1");
    shop.write(
      "e.csv",
      Buffer.concat([Buffer.from(`${HEADER}\n`), latin1, Buffer.from("\na,b,view,1795255260,\n")]),
    );
    const json = Buffer.from('{"event_name":"view_item","items":[],"user_id":"\u00e4"}\n', "latin1");
    shop.write("e.ndjson", json);
    expect(await shop.export()).toMatchObject({ interactions: 1, rejected: { malformed_line: 2 } });
  });
});

describe("too many damaged rows", () => {
  it("fail the run, with counts, an example, and where to look", async () => {
    using shop = new Shop();
    const damaged = ["a,tea,view,?,1", "a,tea,view,1795255260,x", "b,tea,view,1795255260,y", "a,tea"];
    shop.write("e.csv", [HEADER, ...good(96), ...damaged]);
    const problem = await problemOf(shop.export({ rejectLimit: 0.02 }));
    expect(problem).toContain("4 of 100 rows are damaged, 4 % where 2 % is allowed");
    expect(problem).toContain("2 bad_quantity (the quantity is not a number)");
    expect(problem).toMatch(/for example .*e\.csv, line 99: \{"user":"a","item":"tea"/);
    expect(problem).toMatch(/Next: Look at the rejected rows in .*rejects\.csv/);
    expect(shop.rejects()).toHaveLength(4);
    expect(await shop.export({ rejectLimit: 0.04 })).toMatchObject({ interactions: 96 });
  });

  it("are not those that are a normal part of a shop's data", async () => {
    using shop = new Shop();
    const normal = [",tea,view,1795255260,1", "a,tea,buy,1795255260,-1", "a,,view,1795255260,1"];
    shop.write("e.csv", [HEADER, ...good(1), ...normal]);
    expect(await shop.export({ rejectLimit: 0 })).toMatchObject({ interactions: 1 });
  });

  it("include the lines that hide behind a quote that is never closed", async () => {
    using shop = new Shop();
    shop.write("e.csv", [HEADER, ...good(100), '"oops,tea,view,1795255260,1', ...good(899)]);
    const problem = await problemOf(shop.export({ rejectLimit: 0.01 }));
    expect(problem).toMatch(/900 of 1,000 rows are damaged.*e\.csv, line 102/s);
  });

  it("do not include the lines of cells that are longer than one line", async () => {
    using shop = new Shop();
    shop.write("e.csv", [HEADER, '"a\n\nb\n","\ntea",view,1795255260,1', ...good(2), "broken"]);
    expect(await shop.export()).toMatchObject({ rows: 4, rejected: { malformed_line: 1 } });
  });
});

describe("an unreadable file", () => {
  const packed = gzipSync([HEADER, ...good(20_000)].join("\n"));
  it.each([
    ["cut.csv.gz", packed.subarray(0, packed.length / 2), /unexpected end of file\n.*fetch the file again/],
    ["flipped.csv.gz", Buffer.from(packed).fill(0xff, 900, 910), /unreadable.*\n.*fetch the file again/],
    [
      "cut.csv.zst",
      zstdCompressSync(packed).subarray(0, 999),
      /unexpected end of file\n.*fetch the file again/,
    ],
    ["orders.csv", Buffer.from("PK\x03\x04\x14\x00"), /a spreadsheet.*\n.*Save the spreadsheet as CSV/],
    ["e.ndjson.gz", Buffer.from("04224d18", "hex"), /packed by LZ4.*\n.*lz4 -d/],
    ["text.parquet", Buffer.from("user,item,time\n1,2,3\n"), /unreadable.*\n.*not Parquet/],
    ["utf16.csv", Buffer.from(`\ufeff${HEADER}\n`, "utf16le"), /UTF-16.*\n.*--encoding utf-16le/],
  ])("is a problem that names it and says what to do: %s", async (name, content, expected) => {
    using shop = new Shop();
    writeFileSync(shop.path(name), content);
    const problem = await problemOf(shop.export());
    expect(problem).toContain(shop.path(name));
    expect(problem).toMatch(expected);
  });
});

describe("a packed file", () => {
  it("is known by its first bytes, whatever it is called, and may have several members or frames", async () => {
    using shop = new Shop();
    const [one, more] = [[HEADER, ...good(3)].join("\n") + "\n", good(2).join("\n")];
    writeFileSync(shop.path("a.csv"), Buffer.concat([gzipSync(one), gzipSync(more)]));
    writeFileSync(shop.path("b.csv.gz"), Buffer.concat([zstdCompressSync(one), zstdCompressSync(more)]));
    writeFileSync(shop.path("c.csv.gz"), one);
    writeFileSync(shop.path("d.csv.zst"), zstdCompressSync(one));
    const parquet = await shop.writeParquet(
      "e.parquet",
      "SELECT 'a' AS user, 'tea' AS item, 1795255260 AS time",
    );
    renameSync(parquet, shop.path("e.csv"));
    expect(await shop.export()).toMatchObject({ rows: 17, interactions: 17, rejected: {} });
  });
});

describe("an export", () => {
  it("can be called off, and leaves no temporary files", async () => {
    using shop = new Shop();
    shop.write("e.csv", [HEADER, ...good(300_000)]);
    const control = new AbortController();
    const progress = (fraction: number) => fraction > 0.3 && control.abort(new Error("called off"));
    await expect(shop.export({}, { signal: control.signal, progress })).rejects.toThrow("called off");
    expect(existsSync(shop.temporary)).toBe(false);
  });

  it("reports progress that only grows, up to 1", async () => {
    using shop = new Shop();
    for (const name of ["a", "b", "c"]) shop.write(`${name}.csv`, [HEADER, ...good(1000)]);
    const seen: number[] = [];
    await shop.export({}, { progress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});
