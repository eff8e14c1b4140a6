import { MAIN_TABLE } from "../../contracts/tables.ts";
import {
  ItemPath,
  ModelAnswer,
  NeighboursAnswer,
  NeighboursQuery,
  PopularAnswer,
  PopularQuery,
} from "../../contracts/http/catalogue.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { lastDayOf } from "../../contracts/manifest.ts";
import type { App } from "../http/fastify-app.ts";
import type { Shops } from "../shops.ts";
import { modelOf } from "../model/current-model.ts";
import { inScope, recommend, refuseUnknownScope, type LoadedModel } from "../model/loaded-model.ts";
import { UNKNOWN } from "../model/result-fields.ts";
import { BadRequest, Refusal } from "../http/errors.ts";
import { parseCount } from "../http/parse-count.ts";
import { withProblems } from "../http/responses.ts";

/** The model's contents: GET /items/{item}/neighbours, /popular, /models/current */
export function addCatalogue(app: App, shops: Shops): void {
  const tags = ["model"];

  app.get(
    "/items/:item/neighbours",
    {
      schema: {
        tags,
        operationId: "getNeighbours",
        summary: "An item and its nearest ones",
        params: ItemPath,
        querystring: NeighboursQuery,
        response: withProblems(NeighboursAnswer, 400, 404, 503),
      },
    },
    async (request) => {
      const { item } = request.params;
      const { scenario = MAIN_TABLE, n } = request.query;
      const count = parseCount(n);
      if (Buffer.byteLength(item) > MAX_ID_BYTES)
        throw new BadRequest("item", `item has more than ${MAX_ID_BYTES} bytes`);
      const model = modelOf(shops.of(request));
      const found = await model.neighbours(item, scenario);
      if (!found) throw new Refusal(404, "the model does not know this item");
      const neighbours = found.slice(0, count);
      const details = await model.describe([item, ...neighbours.map((neighbour) => neighbour.item)]);
      const described = (id: string) => details.get(id) ?? UNKNOWN;
      return {
        item: { item, ...described(item) },
        neighbours: neighbours.map((neighbour) => ({ ...neighbour, ...described(neighbour.item) })),
        model: model.name,
      };
    },
  );

  app.get(
    "/popular",
    {
      schema: {
        tags,
        operationId: "getPopular",
        summary: "What most customers had to do with",
        querystring: PopularQuery,
        response: withProblems(PopularAnswer, 400, 404, 503),
      },
    },
    async (request) => {
      const { category, scope = "", n } = request.query;
      if (category !== undefined && scope !== "")
        throw new BadRequest("scope", "give scope or category, not both");
      const filter = category === undefined ? undefined : { category };
      const nothing = { browsed: [], basket: [], purchased: [] };
      const count = parseCount(n);
      const model = modelOf(shops.of(request));
      const found = await recommend(model, { ...nothing, n: count, filter, ...inScope(model, scope) });
      // What most of the shop's customers had to do with fills other answers.
      const results =
        scope === "" ? found.results : found.results.filter(({ source }) => source !== "popular");
      if (results.length === 0 && scope !== "") await refuseUnknownScope(model, scope);
      const details = await model.describe(results.map(({ item }) => item));
      return {
        results: results.map(({ item, score }) => ({
          item,
          users: score,
          ...(details.get(item) ?? UNKNOWN),
        })),
        model: model.name,
      };
    },
  );

  app.get(
    "/models/current",
    {
      schema: {
        tags,
        operationId: "getCurrentModel",
        summary: "The model that answers",
        response: withProblems(ModelAnswer, 503),
      },
    },
    (request) => modelAnswer(modelOf(shops.of(request))),
  );
}

/** The answer of /models/current. */
export function modelAnswer({ name, items, store, loadedAt }: LoadedModel): ModelAnswer {
  return { model: name, lastDay: lastDayOf(name), items, store, loadedAt: loadedAt.toISOString() };
}
