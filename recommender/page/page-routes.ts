import {
  ItemsAnswer,
  ItemsQuery,
  NightsAnswer,
  ReviewsStateAnswer,
  ShopAnswer,
  type Person,
} from "../../contracts/http/pages.ts";
import { MAX_REVIEW_CHARACTERS } from "../../contracts/http/reviews.ts";
import { shopPath } from "../../contracts/http/shop-path.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { UNKNOWN } from "../model/result-fields.ts";
import type { App } from "../http/fastify-app.ts";
import { parseCount } from "../http/parse-count.ts";
import { withProblems } from "../http/responses.ts";
import { modelOf } from "../model/current-model.ts";
import type { Shops } from "../shops.ts";
import { addFiles, HIDDEN } from "./files.ts";
import { nightsOf } from "./nights.ts";
import { reviewsStateOf } from "./reviews-state.ts";
import { addShopsPage } from "./shops-page.ts";

const PARTS = ["page.css", "icon.svg", "dom.js", "api.js", "words.js"];
const OPERATOR = ["operator.js", "operator-views.js", "reviews/state.js", "neighbours-view.js", "plot.js"];
const STOREFRONT = [
  ...["shop.js", "shop-views.js", "for-you.js", "person.js", "cards.js", "visit.js"],
  ...["reviews/reviews.js", "reviews/form.js", "reviews/stars.js", "patience.js"],
];
/** True if the customers' listener shows the pages too: only this machine can reach it then. */
export const isLocal = ({ page, access }: Settings) => page && access === "open";

/** In local use: a shop as a storefront at its address, and its operator's page at /operator. */
export function addShopPages(
  routes: App,
  shops: Shops,
  { docs, "personal.address": address }: Settings,
  people: readonly Person[],
): void {
  const links = { storefront: "./", reference: docs ? "/docs" : null, metrics: null };
  addOperator(routes, shops, links, { people: [...people], hasPersonalizer: address !== undefined });
  addFiles(routes, { "/": "shop.html" }, STOREFRONT);
  // The page's own addresses stand beside it: without the slash they would be another shop's.
  if (routes.prefix !== "")
    routes.get("", { schema: HIDDEN }, (request, reply) =>
      reply.redirect(`${shopPath(shops.of(request).settings.shop)}/`),
    );
}

/** On the operator's listener: a shop's operator's page, and what it asks for. */
export function addShopOperator(routes: App, shops: Shops): void {
  addOperator(routes, shops, { storefront: null, reference: null, metrics: "/metrics" });
}

/** At / of the operator's listener: the one shop's page, or the way to those of several. */
export function addOperatorStart(ops: App, shops: Shops): void {
  if (!shops.only) return addShopsPage(ops, shops, false);
  ops.get("/", { schema: HIDDEN }, (_request, reply) => reply.redirect("/operator"));
}

function addOperator(
  routes: App,
  shops: Shops,
  links: Omit<ShopAnswer["links"], "shops">,
  visitors: Pick<ShopAnswer, "people" | "hasPersonalizer"> = { people: [], hasPersonalizer: false },
): void {
  addFiles(routes, { "/operator": "operator.html" }, [...PARTS, ...OPERATOR]);
  addPageData(routes, shops, { links: { ...links, shops: shops.only ? null : "/" }, ...visitors });
}

/** The answers that pages ask for beside the public ones. */
function addPageData(
  routes: App,
  shops: Shops,
  fixed: Pick<ShopAnswer, "links" | "people" | "hasPersonalizer">,
): void {
  routes.get("/page/shop", { schema: { ...HIDDEN, response: withProblems(ShopAnswer) } }, (request) => {
    const { settings, model, reviews } = shops.of(request);
    return {
      shop: settings.shop,
      categories: model.get()?.categories() ?? [],
      reviews: reviews && { maxCharacters: MAX_REVIEW_CHARACTERS, service: reviews.service() },
      ...fixed,
    };
  });

  routes.get(
    "/page/items",
    { schema: { ...HIDDEN, querystring: ItemsQuery, response: withProblems(ItemsAnswer, 400, 503) } },
    async (request) => {
      const { item, category, search, n } = request.query;
      const count = parseCount(n);
      const model = modelOf(shops.of(request));
      const items = item === undefined ? await model.list({ category, search, n: count }) : [item].flat();
      const details = await model.describe(items);
      return { items: items.map((id) => ({ item: id, ...(details.get(id) ?? UNKNOWN) })) };
    },
  );

  routes.get("/page/nights", { schema: { ...HIDDEN, response: withProblems(NightsAnswer) } }, (request) =>
    nightsOf(shops.of(request)),
  );

  routes.get(
    "/page/reviews",
    { schema: { ...HIDDEN, response: withProblems(ReviewsStateAnswer, 404, 503) } },
    (request) => reviewsStateOf(shops.of(request)),
  );
}
