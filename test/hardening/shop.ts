import { fileObjects } from "../../adapters/storage/files.ts";
import { snapshotOf, type PlainItem } from "../core/ranking/plain-answer.ts";
import { publishSnapshot } from "../published.ts";

export const MODEL = "2026-11-20.1";

/** Ids that something may take for something else: each is an item of the shop. */
export const HOSTILE_IDS = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "NaN",
  "true",
  "[object Object]",
  "1e5",
  "100000",
  "007",
  "7",
  "-0",
  "0x10",
  "1.0",
  "9007199254740993",
  '"',
  "'",
  "\\",
  "'; DROP TABLE items;--",
  "${7*7}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "%s%n",
  "$(id)",
  "a/b",
  "../../etc/passwd",
  "..",
  ".",
  "a?b",
  "a#b",
  "a%2Fb",
  "%",
  "a&b=c",
  "a;b",
  "a+b",
  "a b",
  " a",
  "a:1",
  "line\nline",
  "tab\t",
  "\r\nx-evil: 1",
  "nul\u0000byte",
  "\u001b[31m",
  "\u202etxt",
  "\ufeffbom",
  "\ufffd",
  "é",
  "e\u0301",
  "\u{1f600}",
  "İ",
  "ﬀ",
  "x".repeat(256),
  "é".repeat(128),
  "\u{1f600}".repeat(64),
];

/**
 * A shop with categories and prices, in which every hostile id is an item with neighbours of its
 * own.
 */
export async function publishHostileShop(folder: string): Promise<void> {
  const similar: [string, number][] = [
    ["tent", 0.5],
    ["mug", 0.25],
  ];
  const items = ["tent", "stove", "mug", ...HOSTILE_IDS].map((id, k): PlainItem => ({
    id,
    category: ["tents", "__proto__", null, 'a "b" / c'][k % 4],
    price: k % 3 ? k : null,
    available: k % 5 > 0,
    users: 100 - k,
    similar: [],
    together: [],
    ...(k > 2 ? { similar, together: [["stove", 0.4]] } : {}),
  }));
  await publishSnapshot(fileObjects(folder), MODEL, snapshotOf(items));
}
