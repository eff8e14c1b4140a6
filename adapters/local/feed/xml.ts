import { createReadStream } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { SAXStream } from "sax";
import { MOST_CATEGORIES } from "../../../contracts/catalogue.ts";
import { identifier } from "../duckdb.ts";
import type { OpenFeed } from "./feed-rows.ts";
import { gunzipped } from "../gunzipped.ts";
import { asking, reading, unreadable } from "./unreadable.ts";

/** The elements of a Google Merchant feed that are kept, and what of an item may be several. */
const ELEMENTS = [
  "id",
  "title",
  "link",
  "image_link",
  "availability",
  "price",
  "sale_price",
  "sale_price_effective_date",
  "item_group_id",
  "product_type",
  "google_product_category",
] as const;
type Element = (typeof ELEMENTS)[number];
type Item = Partial<Record<Element, string[]>>;

const TABLE = "feed_xml";
/** No feed has more of these; the parser would keep all of them in memory. */
const [MOST_ATTRIBUTES, DEEPEST] = [100, 100];
/** A longer text is cut: no cell that is kept needs as much. */
const LONGEST_TEXT = 10_000;

/**
 * Reads a Google Merchant feed (RSS 2.0 or Atom) into a table, item by item: the file is never in
 * memory as a whole. Entities that a DOCTYPE declares are not read.
 * @throws Problem where it is no XML, with the line, or not shaped as a feed.
 */
export async function loadXml(
  connection: DuckDBConnection,
  path: string,
  isGzip: boolean,
): Promise<OpenFeed> {
  const columns = ELEMENTS.map((name) => `${identifier(name)} VARCHAR`).join(", ");
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${TABLE} (line BIGINT, ${columns})`);
  const appender = await connection.createAppender(TABLE);
  let line = 0;
  const parser = await itemParser((item) => {
    appender.appendBigInt(BigInt(++line));
    for (const name of ELEMENTS) {
      const text = textOf(name, item[name]);
      if (text === undefined) appender.appendNull();
      else appender.appendVarchar(text);
    }
    appender.endRow();
  });
  let failure: Error | undefined;
  parser.on("error", (error: Error) => (failure ??= error));
  const bytes = isGzip ? gunzipped(reading(path), path) : createReadStream(path);
  await asking(path, async () => {
    for await (const chunk of bytes) {
      parser.write(chunk);
      if (failure) break;
    }
    if (!failure) parser.end();
    const why = failure?.message.replaceAll("\n", ", ");
    if (why) throw unreadable(path, `it is not well-formed XML: ${why}`, "export the feed again", failure);
  });
  appender.closeSync();
  return { from: TABLE, columns: [...ELEMENTS] };
}

/** Several categories are a list; of all else the first counts. */
function textOf(element: Element, texts: string[] = []): string | undefined {
  const isList = element === "product_type" && texts.length > 1;
  return isList ? JSON.stringify(texts) : texts[0];
}

/**
 * Hands over each <item> or <entry>. Prefixes of namespaces do not matter: g:id is an id. What lies
 * deeper is none of the item's own: a price of shipping, say.
 */
async function itemParser(take: (item: Item) => void): Promise<SAXStream> {
  const { default: sax } = await import("sax");
  const parser = sax.createStream(true, {});
  let item: Item | undefined;
  let depth = 0;
  let element: Element | undefined;
  let text = "";
  let [attributesSeen, opened] = [0, 0];
  const append = (more: string) => {
    if (element && depth === 1 && text.length < LONGEST_TEXT) text += more;
  };
  parser.on("attribute", () => {
    if (++attributesSeen > MOST_ATTRIBUTES)
      throw new Error(`an element has more than ${MOST_ATTRIBUTES} attributes`);
  });
  parser.on("opentag", ({ name, attributes }) => {
    attributesSeen = 0;
    if (++opened > DEEPEST) throw new Error(`elements lie in each other more than ${DEEPEST} deep`);
    const local = localName(name);
    if (item) depth++;
    else if (local === "item" || local === "entry") [item, depth] = [{}, 0];
    if (depth !== 1) return;
    element = ELEMENTS.find((one) => one === local);
    text = element === "link" ? String(attributes["href"] ?? "") : "";
  });
  parser.on("text", append);
  parser.on("cdata", append);
  parser.on("closetag", () => {
    opened--;
    if (!item) return;
    if (depth-- === 0) {
      take(item);
      [item, depth] = [undefined, 0];
    } else if (depth === 0) {
      if (element && text.trim() !== "") keep(item, element, text.trim());
      element = undefined;
    }
  });
  return parser;
}

function keep(item: Item, element: Element, text: string): void {
  const texts = (item[element] ??= []);
  if (texts.length < MOST_CATEGORIES) texts.push(text);
}

const localName = (name: string) => name.slice(name.indexOf(":") + 1);
