import type { FastifyInstance } from "fastify";
import { packageVersion } from "../../adapters/version.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { Count, CountText } from "../../contracts/http/recommendation.ts";
import { SHOP_PATH } from "../../contracts/http/shop-path.ts";
import type { Shops } from "../shops.ts";
import { KEY_HEADER } from "./errors.ts";
import { problems } from "./responses.ts";

/**
 * Describes the routes that are added after it, in OpenAPI 3.1 at /docs/json, and shows them at
 * /docs.
 */
export async function addReference(
  app: FastifyInstance,
  { access }: Pick<Settings, "access">,
  shops: Shops,
): Promise<void> {
  const [{ default: swagger }, { default: page }] = await Promise.all([
    import("@fastify/swagger"),
    import("@fastify/swagger-ui"),
  ]);
  const withKeys = {
    components: { securitySchemes: { key: { type: "apiKey" as const, in: "header", name: KEY_HEADER } } },
    security: [{ key: [] as string[] }],
  };
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Steamer recommender",
        version: packageVersion(),
        description:
          "Customers who liked this also liked. Errors are problems (RFC 9457); a 400 names the field at fault.",
      },
      ...(access === "keys" ? withKeys : {}),
    },
    transform: ({ schema, url }) => {
      const isOfShops = url.startsWith(SHOP_PATH);
      // With one shop its routes are described once, at the root.
      if (isOfShops && shops.only) return { schema: { ...schema, hide: true }, url };
      return { schema: withOthers(schema as Answered, { needsKey: access === "keys", isOfShops }), url };
    },
  });
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, isPublic: true };
    });
    await docs.register(page, { routePrefix: "/docs", staticCSP: true });
  });
}

interface Answered {
  body?: unknown;
  querystring?: { properties: Record<string, unknown> };
  params?: { properties: object; required: string[] };
  security?: unknown;
  response?: unknown;
}

/** A route with what it has only because of where it stands: answers, and the shop in its path. */
function withOthers(schema: Answered, { needsKey, isOfShops }: Record<string, boolean>): object {
  const keys = needsKey && schema.security === undefined;
  const statuses = [
    ...(keys ? [401] : []),
    ...(keys && isOfShops ? [403] : []),
    ...(isOfShops ? [404] : []),
    ...(schema.body === undefined ? [] : [413, 415]),
  ];
  const answered = {
    ...withNumbers(schema),
    response: { ...(schema.response as object), ...problems(statuses) },
  };
  return isOfShops ? { ...answered, params: withShop(schema.params) } : answered;
}

/** An address is text, but a client is made from what its numbers are. */
function withNumbers({ querystring, ...schema }: Answered): Answered {
  if (!querystring) return schema;
  const properties = Object.entries(querystring.properties).map(([name, value]) => [
    name,
    isCount(value) ? Count : value,
  ]);
  return { ...schema, querystring: { ...querystring, properties: Object.fromEntries(properties) } };
}

const patternOf = (schema: unknown) => (schema as { pattern?: string }).pattern;
const isCount = (schema: unknown) => patternOf(schema) === patternOf(CountText);

const withShop = (params: Answered["params"] = { properties: {}, required: [] }) => ({
  type: "object",
  properties: { shop: { type: "string" }, ...params.properties },
  required: ["shop", ...params.required],
});
