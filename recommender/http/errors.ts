import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PROBLEM_TYPE, type HttpProblem } from "../../contracts/http/http-problem.ts";
import type { BadRequest } from "./bad-request.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { faultOf } from "./validation.ts";

/** An answer other than what was asked for, which is not the recommender's fault. */
export class Refusal extends Error {
  readonly statusCode: number;
  readonly headers: Record<string, string>;

  constructor(statusCode: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** There is nothing to answer from: nothing was published, or it could not be loaded. */
export class NoModel extends Refusal {
  constructor(failing: readonly string[]) {
    const why =
      failing.length > 0
        ? `failing: ${failing.join(", ")}; it is tried again, and the log says why`
        : "none has been published (run `steamer nightly`), or it is still being loaded";
    super(503, `there is no model yet: ${why}`, { "retry-after": "5" });
  }
}

/** Four lists of 200 ids of 256 bytes, some of which JSON has to escape. */
export const MAX_BODY = 512 * 1024;

export function httpProblem(status: number, detail: string, field?: string): HttpProblem {
  const title = STATUS_CODES[status] ?? "Error";
  return { type: "about:blank", title, status, detail, ...(field === undefined ? {} : { field }) };
}

/** Gives every error of an app one shape: a problem's, as RFC 9457 has it. */
export function answerWithProblems(app: FastifyInstance, log: FastifyBaseLogger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
}

export const notFound = ({ method, url }: FastifyRequest) =>
  new Refusal(404, `there is no ${method} ${shortened(url.split("?")[0])}`);

export function sendProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: FastifyBaseLogger,
): FastifyReply {
  const status = error.statusCode ?? (error.validation ? 400 : 500);
  if (status >= 500 && !(error instanceof Refusal)) {
    const failure = { type: error.name, code: error.code, at: placesOf(error) };
    log.error({ failure, route: request.routeOptions?.url }, "a request failed");
  }
  const { field, detail } = error.validation ? faultOf(error, request) : faultIn(error, status);
  if (error instanceof Refusal) reply.headers(error.headers);
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(httpProblem(status, detail, field));
}

/** An error's own text may hold what the request had in it; where it comes from does not. */
const placesOf = ({ stack = "", message }: Error) =>
  stack
    .slice(stack.indexOf(message) + message.length)
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

function faultIn(error: FastifyError, status: number): { field?: string | undefined; detail: string } {
  if (status === 500) return { detail: "the recommender failed; its log says why" };
  const { field } = error as Partial<BadRequest>;
  const detail = WORDS[error.code] ?? error.message;
  return { field: field ?? (status === 400 ? partOf(error) : undefined), detail };
}

/** What to do about Fastify's own refusals; it repeats the address, however long. */
const WORDS: Record<string, string> = {
  FST_ERR_BAD_URL: "the address cannot be read: what is percent-encoded in it must be UTF-8",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "send the body as JSON, with content-type: application/json",
  FST_ERR_CTP_BODY_TOO_LARGE: `the body is too long: at most ${MAX_BODY} bytes are read`,
  FST_ERR_CTP_EMPTY_JSON_BODY: "the body is empty; it must be a JSON object",
  FST_ERR_CTP_INVALID_JSON_BODY: "the body is not valid JSON",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "the body is not as long as content-length says, or not UTF-8",
};

/** Fastify's own refusals: of the address, or of a body. */
const partOf = ({ code = "" }: FastifyError) => (code.includes("URL") ? "url" : "body");

const shortened = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text);

/** What Node cannot read never reaches a route. */
const UNREADABLE: Record<string, { status: number; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: "the request's line and headers are too long" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "the request did not arrive in time" },
};

/** Answers in the same shape what Node itself refuses, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const { status, detail } = UNREADABLE[error.code ?? ""] ?? {
    status: 400,
    detail: "the request is not valid HTTP",
  };
  const body = JSON.stringify(httpProblem(status, detail, status === 400 ? "request" : undefined));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Answers whoever expects of us what we do not know, and closes the connection: nobody can say whether a body follows. */
export function refuseExpectation(response: ServerResponse): void {
  const body = JSON.stringify(httpProblem(417, "of all expectations 100-continue alone is met"));
  const length = Buffer.byteLength(body);
  const own = { "content-type": PROBLEM_TYPE, "content-length": length, connection: "close" };
  response.writeHead(417, { ...own, ...SECURITY_HEADERS }).end(body);
}
