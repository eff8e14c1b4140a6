import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MOST_COLUMNS } from "../../../../adapters/local/most-columns.ts";
import { lackOfProportion } from "../../../../adapters/local/within-bounds.ts";
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

describe("a packed file", () => {
  it.each([
    ["gz", gzipSync],
    ["zst", zstdCompressSync],
  ])("(%s) that unpacks out of all proportion is refused, and leaves nothing behind", async (end, pack) => {
    using shop = new Shop();
    const rows = pack(`${ROW},${"x".repeat(1 << 20)}\n`.repeat(16));
    const members = [pack(`${HEADER},note\n`), ...Array.from({ length: 17 }, () => rows)];
    shop.write(`bomb.csv.${end === "gz" ? "GZ" : end}`, Buffer.concat(members));
    await expect(shop.export()).rejects.toThrow(/unpacks to more than 256 MiB and 200 times its packed size/);
    expect(existsSync(shop.temporary)).toBe(false);
  });

  it("is in proportion as long as it is small, or as large as its packed bytes let expect", () => {
    const [MiB, GiB] = [2 ** 20, 2 ** 30];
    expect(lackOfProportion({ packed: 1, unpacked: 256 * MiB })).toBeUndefined();
    expect(lackOfProportion({ packed: 10 * MiB, unpacked: 2000 * MiB })).toBeUndefined();
    expect(lackOfProportion({ packed: 10 * MiB, unpacked: 2001 * MiB })).toMatch(/200 times/);
    expect(lackOfProportion({ packed: 100 * GiB, unpacked: 257 * GiB })).toMatch(/more than 256 GiB/);
  });
});

describe("what a Parquet file claims", () => {
  /** Writes one with a row, and changes a claim: 10^15 in place of one value or row. */
  async function claiming(shop: Shop, change: (file: Buffer) => Buffer): Promise<void> {
    const path = await shop.writeParquet(
      "e.parquet",
      `SELECT 'ann' AS "user", 'tea' AS item, 'view' AS event, TIMESTAMP '2026-11-21' AS time`,
    );
    writeFileSync(path, change(readFileSync(path)));
  }

  it("of its rows is not believed", async () => {
    using shop = new Shop();
    await claiming(shop, (file) => {
      const end = file.length - 8;
      const start = end - file.readUInt32LE(end);
      // The rows of the only group: the last field of type i64 with the value 1.
      const rows = file.lastIndexOf(Buffer.from([0x16, 0x02]), end);
      const footer = Buffer.concat([
        file.subarray(start, rows + 1),
        QUADRILLION,
        file.subarray(rows + 2, end),
      ]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(footer.length);
      return Buffer.concat([file.subarray(0, start), footer, length, Buffer.from("PAR1")]);
    });
    await expect(shop.export()).rejects.toThrow(/e\.parquet: the file is unreadable/);
  });

  it("of the length of its footer is not believed", async () => {
    using shop = new Shop();
    await claiming(shop, (file) => {
      file.writeUInt32LE(0xfffffff0, file.length - 8);
      return file;
    });
    await expect(shop.export()).rejects.toThrow(/e\.parquet: the file is unreadable: .*[Ff]ooter length/);
  });
});

/** 10^15 as Thrift's compact protocol writes it. */
const QUADRILLION = zigzag(10n ** 15n);

function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value << 1n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
