import fc from "fast-check";
import { Int32, tableFromIPC, tableToIPC, Table, makeData, makeVector } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { compareUtf8 } from "../../../core/text/order.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { decodeSnapshot } from "../../../core/model/decode.ts";
import { encodeSnapshot, type Model } from "../../../core/model/encode.ts";

function modelOf(ids: string[]): Model {
  const table = {
    offset: Int32Array.from({ length: ids.length + 1 }, (_, i) => i),
    item: Int32Array.from(ids, (_, i) => (i + 1) % ids.length),
    score: Int32Array.from(ids, (_, i) => 1_000_000 - i),
  };
  const users = Int32Array.from(ids, (_, i) => i % 3);
  const catalogue = {
    name: ids.map((id, i) => (i % 2 ? `name of ${id}` : null)),
    category: ids.map((_, i) => (i % 3 ? `category ${i % 3}` : null)),
    price: ids.map(() => null),
    available: ids.map(() => true),
    users,
    views: users,
    purchases: users,
  };
  return { ids, tables: { similar: table, together: table }, catalogue };
}

describe("a snapshot", () => {
  it("gives back what was written, for any ids", () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, unit: "grapheme" }),
      fc.constantFrom("1e5", "__proto__", "a\nb", "'"),
    );
    const check = (given: string[]) => {
      const model = modelOf(given.sort(compareUtf8));
      const snapshot = decodeSnapshot(encodeSnapshot(model));
      expect(snapshot.tableOf("similar")).toEqual(model.tables.similar);
      model.ids.forEach((id, row) => {
        expect([snapshot.find(id), snapshot.idOf(row)]).toEqual([row, id]);
        expect(snapshot.idHashOf(row)).toBe(murmur3(id));
        expect(snapshot.nameOf(row)).toBe(model.catalogue.name[row]);
        expect(snapshot.categoryName(snapshot.categoryOf(row))).toBe(model.catalogue.category[row]);
      });
      expect(snapshot.find("no such item")).toBe(-1);
    };
    const ids = fc.uniqueArray(id, { maxLength: 40, selector: (text) => Buffer.from(text).toString("hex") });
    fc.assert(fc.property(ids, check), { numRuns: 100 });
  });

  it("has no item whose id is half a surrogate pair, also where it has what such text is encoded as", () => {
    const ids = ["a\ufffd", "\ufffd"];
    const { find, findAll } = decodeSnapshot(encodeSnapshot(modelOf(ids)));
    expect(["\ud800", "a\udfff", "\udc00\ud800"].map(find)).toEqual([-1, -1, -1]);
    expect(findAll(["a\ud800", ...ids])).toEqual([-1, 0, 1]);
  });

  it("is viewed, not copied", () => {
    const bytes = encodeSnapshot(modelOf(["a", "b", "c"]));
    expect(decodeSnapshot(bytes).tableOf("similar").item.buffer).toBe(bytes.buffer);
  });

  it("lists popular items first, ties by id", () => {
    const snapshot = decodeSnapshot(encodeSnapshot(modelOf(["a", "b", "c", "d", "e", "f"])));
    expect(Array.from(snapshot.popular, snapshot.idOf).join("")).toBe("cfbead");
  });

  it("whose indices lie outside is refused, whatever its checksum says", () => {
    const outside = modelOf(["a", "b", "c"]);
    outside.tables.similar = { ...outside.tables.similar, item: Int32Array.of(0, 1, 3) };
    expect(() => decodeSnapshot(encodeSnapshot(outside))).toThrow("column similar has 3, not 0 to 2");
    const backwards = modelOf(["a", "b", "c"]);
    backwards.tables.similar = { ...backwards.tables.similar, offset: Int32Array.of(0, 2, 1, 3) };
    expect(() => decodeSnapshot(encodeSnapshot(backwards))).toThrow("out of order");
  });

  it("from before a table was registered has no neighbours in it", () => {
    const columns = tableFromIPC(encodeSnapshot(modelOf(["a", "b"])));
    const names = columns.schema.fields.map(({ name }) => name).filter((name) => name !== "together");
    const older = decodeSnapshot(tableToIPC(columns.select(names), "file"));
    expect([...older.tableOf("together").offset]).toEqual([0, 0, 0]);
    expect([...older.tableOf("similar").offset]).toEqual([0, 1, 2]);
  });

  const list = (rows: number[], users: number[]) => ({
    rows: Int32Array.from(rows),
    users: Int32Array.from(users),
  });

  it("gives back scopes of users, but for one that is called as a category is", () => {
    const scopes = new Map([
      ["Köln", list([2, 0], [9, 3])],
      ["", list([], [])],
      ["north", list([1], [4])],
      ["category 1", list([1], [4])],
    ]);
    const { scopeItems, categoryName } = decodeSnapshot(
      encodeSnapshot({ ...modelOf(["a", "b", "c"]), scopes }),
    );
    for (const name of ["Köln", "", "north"]) expect(scopeItems(name)).toEqual(scopes.get(name));
    expect(categoryName(0)).toBe("category 1");
    expect(["category 1", "south"].map(scopeItems)).toEqual([undefined, undefined]);
    const none = decodeSnapshot(encodeSnapshot({ ...modelOf(["a"]), scopes: new Map() }));
    expect(none.scopeItems("north")).toBeUndefined();
  });

  it("from before there were scopes of users has none, and one with a scope's row outside is refused", () => {
    expect(decodeSnapshot(encodeSnapshot(modelOf(["a", "b"]))).scopeItems("north")).toBeUndefined();
    const outside = new Map([["north", list([2], [1])]]);
    const bytes = encodeSnapshot({ ...modelOf(["a", "b"]), scopes: outside });
    expect(() => decodeSnapshot(bytes)).toThrow("column scopes has 2, not 0 to 1");
  });

  it("with an id that is longer than ids are is refused", () => {
    const longest = "é".repeat(128);
    expect(decodeSnapshot(encodeSnapshot(modelOf([longest]))).find(longest)).toBe(0);
    expect(() => decodeSnapshot(encodeSnapshot(modelOf([`${longest}x`])))).toThrow("an id has 257 bytes");
  });

  it("whose hash table is full, or misses a row, is refused: a search would never end", () => {
    const bytes = encodeSnapshot(modelOf(["a", "b", "c"]));
    const slots = tableFromIPC(bytes).batches[0].getChild("slots")!.data[0].children[0].values as Int32Array;
    slots.subarray(0, 6).fill(1);
    expect(() => decodeSnapshot(bytes)).toThrow("does not list each row once");
  });

  it("that is another kind of Arrow file is refused", () => {
    const id = makeVector(makeData({ type: new Int32(), data: Int32Array.of(1) }));
    expect(() => decodeSnapshot(tableToIPC(new Table({ other: id }), "file"))).toThrow("no column id");
  });

  it("is an Arrow file that other tools can read", () => {
    const table = tableFromIPC(encodeSnapshot(modelOf(["a", "b"])));
    expect(table.schema.fields.map(({ name }) => name).slice(0, 3)).toEqual(["id", "similar", "together"]);
    expect(table.get(0)!["similar"].get(0).toJSON()).toEqual({ item: 1, score: 1_000_000 });
  });
});
