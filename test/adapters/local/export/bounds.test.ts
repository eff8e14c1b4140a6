import { describe, expect, it } from "vitest";
import { MOST_COLUMNS } from "../../../../adapters/local/most-columns.ts";
import { Shop } from "./shop.ts";

const HEADER = "user,item,event,time";
const ROW = "ann,tea,view,1795255260";
const more = (columns: number) => Array.from({ length: columns }, (_, k) => `c${k}`);

describe("a file with more columns than any export has", () => {
  it("is refused by its header, before its rows are read", async () => {
    using shop = new Shop();
    shop.write("wide.csv", [[HEADER, ...more(80_000)].join(",")]);
    await expect(shop.export()).rejects.toThrow(/wide\.csv: it has [\d,]+ columns or more, and 5,000 are/);
  });

  it("is refused as NDJSON by the keys of its objects", async () => {
    using shop = new Shop();
    const row = (k: number) => ({ [`visitor ${k}`]: 1, item: "tea", time: 1795255260 });
    shop.write(
      "wide.ndjson",
      Array.from({ length: MOST_COLUMNS }, (_, k) => row(k)),
    );
    await expect(shop.export()).rejects.toThrow(/wide\.ndjson: it has 5,001 columns or more/);
  });

  it("is refused as Parquet", async () => {
    using shop = new Shop();
    const columns = more(MOST_COLUMNS + 1).map((name) => `1 AS ${name}`);
    await shop.writeParquet("wide.parquet", `SELECT ${columns.join(", ")}`);
    await expect(shop.export()).rejects.toThrow(/wide\.parquet: it has 5,001 columns or more/);
  });

  it("is read up to the limit", async () => {
    using shop = new Shop();
    const others = more(MOST_COLUMNS - 4);
    shop.write("wide.csv", [[HEADER, ...others].join(","), [ROW, ...others.map(() => 1)].join(",")]);
    expect(await shop.export()).toMatchObject({ interactions: 1 });
  });
});

it("a header without an end is refused", async () => {
  using shop = new Shop();
  shop.write("e.csv", `${HEADER},"${"x".repeat(300_000)}`);
  await expect(shop.export()).rejects.toThrow(/e\.csv: its header does not end within the first 256 KiB/);
});

it("blanks without an end are not kept in memory", async () => {
  using shop = new Shop();
  shop.write("e.csv.gz", " ".repeat(17 << 20));
  await expect(shop.export()).rejects.toThrow(/e\.csv\.gz: .* begins with blanks, and no row follows/);
});
