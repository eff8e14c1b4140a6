import { ShopsAnswer } from "../../contracts/http/pages.ts";
import { shopPath } from "../../contracts/http/shop-path.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import type { Shops } from "../shops.ts";
import { addFiles, HIDDEN } from "./files.ts";

/** Where there are several shops: the way to the pages of each. */
export function addShopsPage(app: App, shops: Shops, hasStorefronts: boolean): void {
  addFiles(app, { "/": "shops.html" }, ["page.css", "icon.svg", "dom.js", "api.js", "shops.js"]);
  app.get("/page/shops", { schema: { ...HIDDEN, response: withProblems(ShopsAnswer) } }, () => {
    const all = [...shops].map(({ settings: { shop }, model }) => ({
      shop,
      model: model.get()?.name ?? null,
      storefront: hasStorefronts ? `${shopPath(shop)}/` : null,
      operator: `${shopPath(shop)}/operator`,
    }));
    return { shops: all.sort((a, b) => (a.shop < b.shop ? -1 : 1)) };
  });
}
