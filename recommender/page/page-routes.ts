import { readFileSync } from "node:fs";
import { ItemsAnswer, ItemsQuery, NightsAnswer, ShopAnswer } from "../../contracts/http/pages.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { listRuns } from "../../night/run/run.ts";
import { readBlockList } from "../../night/state/block-list.ts";
import type { App } from "../http/fastify-app.ts";
import { modelOf, type Shop } from "../shop.ts";
import { nightOf } from "./nights.ts";
import { parseCount } from "../http/parse-count.ts";
import { modelAnswer, UNKNOWN } from "../catalogue/catalogue-routes.ts";
import { withProblems } from "../http/responses.ts";

/** Nights that are shown. */
const NIGHTS = 30;
const FOLDER = new URL("./browser/", import.meta.url);
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript", svg: "image/svg+xml" } as const;
const PARTS = ["page.css", "icon.svg", "dom.js", "api.js", "words.js", "plot.js"];
/**
 * Pages load from this service alone. They set data as text; this policy holds if that should fail.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** True if the customers' listener shows the pages too: only this machine can reach it then. */
export const isLocal = ({ page, access }: Settings) => page && access === "open";

/** In local use: the shop as a storefront at /, and the operator's page at /operator. */
export function addPages(app: App, shop: Shop): void {
  const links = { storefront: "/", reference: shop.settings.docs ? "/docs" : null, metrics: null };
  addOperator(app, shop, links);
  addFiles(app, { "/": "shop.html" }, ["shop.js", "shop-views.js", "cards.js", "visit.js"]);
}

/** On the operator's listener: the operator's page, and what it asks for. */
export function addOperatorPages(ops: App, shop: Shop): void {
  addOperator(ops, shop, { storefront: null, reference: null, metrics: "/metrics" });
  ops.get("/", { schema: HIDDEN }, (_request, reply) => reply.redirect("/operator"));
}

const HIDDEN = { hide: true };

function addOperator(app: App, shop: Shop, links: ShopAnswer["links"]): void {
  const { objects, settings } = shop;
  const { shop: name } = settings;
  addFiles(app, { "/operator": "operator.html" }, [
    ...PARTS,
    "operator.js",
    "operator-views.js",
    "neighbours-view.js",
  ]);

  app.get("/page/shop", { schema: { ...HIDDEN, response: withProblems(ShopAnswer) } }, () => {
    return { shop: name, categories: shop.model.get()?.categories() ?? [], links };
  });

  app.get(
    "/page/items",
    { schema: { ...HIDDEN, querystring: ItemsQuery, response: withProblems(ItemsAnswer, 400, 503) } },
    async (request) => {
      const { item, category, search, n } = request.query;
      const count = parseCount(n);
      const model = modelOf(shop);
      const items = item === undefined ? await model.list({ category, search, n: count }) : [item].flat();
      const details = await model.describe(items);
      return { items: items.map((id) => ({ item: id, ...(details.get(id) ?? UNKNOWN) })) };
    },
  );

  app.get("/page/nights", { schema: { ...HIDDEN, response: withProblems(NightsAnswer) } }, async () => {
    // With storage down the page shows what is in memory, and says what it could not read.
    const unread: string[] = [];
    const read = async <T>(what: string, reading: Promise<T>): Promise<T | null> =>
      reading.catch(() => (unread.push(what), null));
    const [pointer, list, runs] = await Promise.all([
      read("the pointer", readPointer(objects, name)),
      read("what is taken down", readBlockList(objects, name)),
      read("the nights", listRuns(objects, name, NIGHTS)),
    ]);
    const model = shop.model.get();
    const { model: pointed, previous, hold } = pointer?.value ?? {};
    return {
      model: model && modelAnswer(model),
      pointer: pointed === undefined ? null : { model: pointed, previous: previous!, hold: hold! },
      failing: [...new Set([...shop.failing(), ...unread])],
      blocked: Object.entries(list?.items ?? {}).map(([item, entry]) => ({ item, ...entry })),
      nights: (runs ?? []).reverse().map(({ value }) => nightOf(value, new Date())),
    };
  });
}

/** Serves pages by their address, and their parts below /page/. */
function addFiles(app: App, pages: Record<string, string>, parts: string[]): void {
  const files = [...Object.entries(pages), ...parts.map((part) => [`/page/${part}`, part] as const)];
  for (const [url, file] of files) {
    const content = readFileSync(new URL(file, FOLDER), "utf8");
    const type = `${TYPES[file.split(".").at(-1) as keyof typeof TYPES]}; charset=utf-8`;
    app.get(url, { schema: HIDDEN }, (_request, reply) => {
      reply.headers({ "content-security-policy": POLICY, "cache-control": "no-cache" });
      return reply.type(type).send(content);
    });
  }
}
