import {
  Field,
  Int32,
  List,
  Struct,
  Utf8,
  makeData,
  vectorFromArray,
  type Data,
  type DataType,
} from "apache-arrow";
import type { RecordBatch } from "apache-arrow";
import type { ScopeItems } from "../ranking/ranker.ts";
import { checkedOffsets, checkRange, columnData } from "./columns.ts";

/** What is popular among the users of each scope, by its name. */
export type Scopes = ReadonlyMap<string, ScopeItems>;

/**
 * The snapshot's column `scopes`. Its first row holds all scopes, since a batch has a row an item:
 * List<Struct<scope: Utf8, items: List<Struct<item, users: Int32>>>>.
 */
export function scopeColumn(scopes: Scopes, rows: number): Data<DataType> {
  const lists = [...scopes.values()];
  const child = makeData({
    type: new Struct([new Field("scope", new Utf8(), false), new Field("items", ITEMS, false)]),
    length: lists.length,
    nullCount: 0,
    children: [vectorFromArray([...scopes.keys()], new Utf8()).data[0], itemLists(lists)] as never,
  });
  const valueOffsets = new Int32Array(rows + 1).fill(lists.length, 1);
  return makeData({
    type: new List(new Field("scope", child.type, false)),
    length: rows,
    nullCount: 0,
    valueOffsets,
    child,
  });
}

const INT32 = new Int32();
const ITEM = new Struct([new Field("item", INT32, false), new Field("users", INT32, false)]);
const ITEMS = new List(new Field("item", ITEM, false));

function itemLists(lists: readonly ScopeItems[]): Data<DataType> {
  const valueOffsets = new Int32Array(lists.length + 1);
  lists.forEach(({ rows }, k) => (valueOffsets[k + 1] = valueOffsets[k] + rows.length));
  const length = valueOffsets[lists.length];
  const joined = (part: keyof ScopeItems) => {
    const data = new Int32Array(length);
    lists.forEach((list, k) => data.set(list[part], valueOffsets[k]));
    return makeData({ type: INT32, data });
  };
  const children = [joined("rows"), joined("users")];
  const child = makeData({ type: ITEM, length, nullCount: 0, children: children as never });
  return makeData({ type: ITEMS, length: lists.length, nullCount: 0, valueOffsets, child });
}

const LARGEST_INT32 = 2 ** 31 - 1;

/** Reads the column. A snapshot without it has no scopes. */
export function* scopesIn(batch: RecordBatch): Generator<void, Scopes> {
  const scopes = new Map<string, ScopeItems>();
  if (!batch.getChild("scopes") || batch.numRows === 0) return scopes;
  const column = columnData(batch, "scopes");
  const [names, lists] = column.children[0].children;
  const count = column.valueOffsets[1];
  const [rows, users] = lists.children[0].children.map((child: { values: Int32Array }) => child.values);
  const most = Math.min(rows.length, users.length);
  const offset = yield* checkedOffsets("scopes", lists.valueOffsets, count, most);
  yield* checkRange("scopes", rows.subarray(0, offset[count]), batch.numRows - 1);
  yield* checkRange("scopes", users.subarray(0, offset[count]), LARGEST_INT32);
  const text = new TextDecoder();
  for (let k = 0; k < count; k++) {
    const name = text.decode(names.values.subarray(names.valueOffsets[k], names.valueOffsets[k + 1]));
    const of = (values: Int32Array) => values.subarray(offset[k], offset[k + 1]);
    scopes.set(name, { rows: of(rows), users: of(users) });
  }
  return scopes;
}
