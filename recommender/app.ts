import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from "fastify";
import type { Settings } from "../contracts/settings.ts";
import { requireKeys, requireOwnName } from "./access.ts";
import { createIntake, type AttributionSink } from "./attribution/intake.ts";
import { createTokens } from "./attribution/token.ts";
import type { Context } from "./context.ts";
import type { CurrentModel } from "./current-model.ts";
import { createStateTag } from "./etag.ts";
import { makeDrainable } from "./draining.ts";
import { addSecurityHeaders, SECURITY_HEADERS } from "./headers.ts";
import type { Keys } from "./keys.ts";
import { limitLoad } from "./load-limit.ts";
import type { Measures } from "./measures.ts";
import { answerWithProblems, MAX_BODY, refuseConnection, sendProblem } from "./problems.ts";
import { addReference } from "./reference.ts";
import { refuseUnknown } from "./refusals.ts";
import { addCatalogue } from "./routes/catalogue.ts";
import { addEvents } from "./routes/events.ts";
import { addHealth } from "./routes/health.ts";
import { addPages, type Pages } from "./routes/page.ts";
import { addRecommendation } from "./routes/recommendation.ts";

export interface AppOptions {
  model: CurrentModel;
  settings: Settings;
  measures: Measures;
  /** The secret that signs attribution tokens. */
  tokenKey: Uint8Array;
  sink: AttributionSink;
  /** Who may ask, with access `keys`. */
  keys?: Keys;
  /** Queries are never logged: they say what a customer did. */
  log: FastifyBaseLogger;
  /** What the pages of local use are about; without it there are none. */
  pages?: Pages;
  /** How long the head of a request, and all of it, may take to arrive. */
  timeouts?: { headMs: number; requestMs: number };
}

/** Bytes of a request's line and headers: three lists of ids in one URL are more than Node's 16 KB. */
const MAX_REQUEST_HEAD = 256 * 1024;
const TIMEOUTS = { headMs: 10_000, requestMs: 15_000 };

/** The app as the routes see it: their types come from their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The recommender: what it answers. How it listens is in server.ts. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { model, settings, measures, tokenKey, sink, keys, pages, log } = options;
  const app = createApp(options);
  const tokens = createTokens(tokenKey);
  const { queryWeights, togetherWeights, includeInput } = settings;
  const context: Context = {
    ...{ model, tokens, measures },
    take: createIntake(tokens, sink, (row) => measures.countEvent(row)),
    stateTag: createStateTag([queryWeights, togetherWeights, includeInput]),
  };

  answerWithProblems(app, log);
  makeDrainable(app);
  // Refusals have these headers too: a page's script may not read an answer without those of CORS.
  addSecurityHeaders(app);
  if (settings.origins.length > 0) {
    const { default: cors } = await import("@fastify/cors");
    const exposed = ["etag", "retry-after", "server-timing"];
    const allowed = {
      origin: settings.origins,
      exposedHeaders: exposed,
      maxAge: 3600,
      strictPreflight: false,
    };
    await app.register(cors, allowed);
  }
  limitLoad(app, settings.maxConcurrent, measures);
  if (settings.access === "open") requireOwnName(app, settings);
  if (keys) requireKeys(app, keys, measures);
  refuseUnknown(app);
  if (settings.docs) await addReference(app, settings);
  addRecommendation(app, context);
  addCatalogue(app, context);
  addEvents(app, context);
  addHealth(app, context);
  if (pages) addPages(app, context, pages);
  return app;
}

function createApp({ settings, measures, log, timeouts = TIMEOUTS }: AppOptions): App {
  const app = Fastify({
    // Requests are not logged one by one, but with a logger of Fastify's each would pay for it.
    logger: false,
    // By default Fastify drops unknown parameters and guesses types: bad input should say so instead.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    // The schemas refuse such a field like any other that they do not know, by name.
    ...{ onProtoPoisoning: "ignore", onConstructorPoisoning: "ignore" },
    bodyLimit: MAX_BODY,
    requestTimeout: timeouts.requestMs,
    // A client that does not read its answers; those that do not write are cut before, with an answer.
    connectionTimeout: 2 * timeouts.requestMs,
    // A route says which of its parameters is too long, and how long it may be.
    routerOptions: { maxParamLength: MAX_REQUEST_HEAD },
    // What arrives while it closes is answered all the same, and the connection closed then.
    return503OnClosing: false,
    http: {
      maxHeaderSize: MAX_REQUEST_HEAD,
      headersTimeout: timeouts.headMs,
      connectionsCheckingInterval: Math.min(1000, timeouts.headMs),
      // Nobody looks at it, and Node's own refusal would have another shape.
      requireHostHeader: false,
    },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) =>
      void sendProblem(error, request as never, reply.headers(SECURITY_HEADERS) as never, log),
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Writing by the schemas is slower than this, and their types hold already.
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeContentTypeParser("text/plain");
  app.server.maxConnections = settings.maxConnections;
  app.server.on("drop", () => measures.refused.add(["connections"]));
  app.server.on("checkExpectation", (_request, response) => {
    response.writeHead(417, { "content-type": "application/problem+json" });
    response.end(
      JSON.stringify({
        type: "about:blank",
        title: "Expectation Failed",
        status: 417,
        detail: "only 100-continue",
      }),
    );
  });
  return app;
}
