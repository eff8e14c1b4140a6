import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
} from "fastify";
import type { CurrentModel } from "./current-model.ts";
import { MakeRecommendationAnswer, MakeRecommendationQuery, parseQuery } from "./make-recommendation.ts";

export interface AppOptions {
  model: CurrentModel;
  /** Fastify's logger options, or a logger. Queries are never logged: they say what a customer did. */
  logger?: boolean | object;
}

/** The recommender: what it answers. How it listens is in server.ts. */
export function buildApp({ model, logger = false }: AppOptions): FastifyInstance {
  const app = Fastify({
    logger: logger as FastifyBaseLogger | boolean,
    logController: new LogController({ disableRequestLogging: true }),
    // By default Fastify drops unknown parameters and guesses types: bad input should say so instead.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    // Three lists of ids in one URL: more than Node's 16 KB.
    http: { maxHeaderSize: MAX_REQUEST_HEAD },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) =>
      void (reply as FastifyReply).code(400).send({ error: error.message }),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? (error.validation ? 400 : 500);
    if (status === 500) request.log.error(error);
    const reason = error.validation ? unknownParameter(error) : error.message;
    return reply
      .code(status)
      .send({ error: status === 500 ? "the recommender failed; its log says why" : reason });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: "no such page; try GET /make_recommendation" }),
  );

  app.get("/livez", () => ({ status: "ok" }));
  app.get("/readyz", () => {
    const current = model.get();
    if (!current) throw new NoModel();
    return { status: "ok", model: current.name };
  });

  const schema = { querystring: MakeRecommendationQuery, response: { 200: MakeRecommendationAnswer } };
  app.get("/make_recommendation", { schema }, (request) => {
    const query = parseQuery(request.query);
    const current = model.get();
    if (!current) throw new NoModel();
    return current.recommend(query);
  });
  return app;
}

/** Bytes of a request's line and headers. */
const MAX_REQUEST_HEAD = 256 * 1024;

/** What Node itself cannot read never reaches a route: answer in the same shape as they do. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const isLong = error.code === "HPE_HEADER_OVERFLOW";
  const status = isLong ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const reason = isLong
    ? `the request is longer than ${MAX_REQUEST_HEAD} bytes`
    : "the request is not valid HTTP";
  const body = JSON.stringify({ error: reason });
  const head = [
    `HTTP/1.1 ${status}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

class NoModel extends Error {
  readonly statusCode = 503;
  override readonly message = "no model has been published yet: run `steamer nightly`";
}

/** Says which parameter is at fault, and what there is. */
function unknownParameter({ validation, message }: FastifyError): string {
  const unknown = validation?.[0]?.params?.["additionalProperty"];
  if (!unknown) return message;
  const known = Object.keys(MakeRecommendationQuery.properties).join(", ");
  return `there is no parameter ${JSON.stringify(unknown)}; there are ${known}`;
}
