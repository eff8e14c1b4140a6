import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from "fastify";
import type { Settings } from "../../contracts/settings/settings.ts";
import { refuseConnection, refuseExpectation } from "./unreadable.ts";
import { addSecurityHeaders, SECURITY_HEADERS } from "./headers.ts";
import { answerWithProblems, MAX_BODY, sendProblem } from "./errors.ts";

/** An app as the routes see it: their types come from their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Time for the head of a request, and for all of it, to arrive. */
export interface Timeouts {
  headMs: number;
  requestMs: number;
}

/** Bytes of a request's line and headers. Three lists of ids in one URL exceed Node's 16 KB. */
const MAX_REQUEST_HEAD = 256 * 1024;
/** Milliseconds for a body, after the head. */
const BODY_MS = 5_000;

const timeoutsOf = ({ headSeconds }: Pick<Settings, "headSeconds">): Timeouts => ({
  headMs: 1000 * headSeconds,
  requestMs: 1000 * headSeconds + BODY_MS,
});

/** The common part of customers' and operators' listeners: limits, and one shape for all errors. */
export function createApp(
  log: FastifyBaseLogger,
  settings: Pick<Settings, "headSeconds" | "keepAliveSeconds">,
  timeouts = timeoutsOf(settings),
): App {
  const app = Fastify({
    // Requests are not logged one by one, but with a logger of Fastify's each would pay for it.
    logger: false,
    // Fastify's default drops unknown parameters and guesses types. Bad input should fail instead.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    // The schemas refuse such a field like any other that they do not know, by name.
    onProtoPoisoning: "ignore",
    onConstructorPoisoning: "ignore",
    bodyLimit: MAX_BODY,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: 1000 * settings.keepAliveSeconds,
    // A client that does not read its answers; those that do not write are cut before, with an
    // answer.
    connectionTimeout: 2 * timeouts.requestMs,
    // A route says which of its parameters is too long, and how long it may be.
    routerOptions: { maxParamLength: MAX_REQUEST_HEAD },
    // Requests that arrive while it closes are still answered; then their connection is closed.
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
  app.server.on("checkExpectation", (_request, response) => refuseExpectation(response));
  answerWithProblems(app, log);
  // Refusals have these headers too: a page's script may not read an answer without those of CORS.
  addSecurityHeaders(app);
  return app;
}
