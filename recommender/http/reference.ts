import type { FastifyInstance } from "fastify";
import { packageVersion } from "../../adapters/version.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { KEY_HEADER } from "./errors.ts";
import { problems } from "./responses.ts";

/**
 * Describes the routes that are added after it, in OpenAPI 3.1 at /docs/json, and shows them at
 * /docs.
 */
export async function addReference(
  app: FastifyInstance,
  { access }: Pick<Settings, "access">,
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
    transform: ({ schema, url }) => ({ schema: withOthers(schema, access === "keys"), url }),
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
  security?: unknown;
  response?: unknown;
}

/** A route's answers, and those that it has only because of what stands before it. */
function withOthers(schema: Answered, needsKey: boolean): object {
  const statuses = [
    ...(needsKey && schema.security === undefined ? [401] : []),
    ...(schema.body === undefined ? [] : [413, 415]),
  ];
  return { ...schema, response: { ...(schema.response as object), ...problems(statuses) } };
}
