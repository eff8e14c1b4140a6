import { STATUS_CODES } from "node:http";
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PROBLEM_TYPE, type HttpProblem } from "../../contracts/http/http-problem.ts";
import { schemaFault } from "./schema-fault.ts";

/** A request that does not get what it asked for, through no fault of the recommender. */
export class Refusal extends Error {
  readonly statusCode: number;
  readonly headers: Record<string, string>;

  constructor(statusCode: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** A request that cannot be answered, and the part of it that is at fault. */
export class BadRequest extends Error {
  readonly statusCode = 400;
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
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

/** There is more to do than the service takes on. */
export class Overload extends Refusal {
  constructor(where?: "on one connection") {
    const what = ["too many requests at once", ...(where ? [where] : [])].join(" ");
    super(503, `${what}: try again`, { "retry-after": "1" });
  }
}

export class NotFound extends Refusal {
  /** @param isOfShops true if there is such an address below that of a shop */
  constructor({ method, url }: FastifyRequest, isOfShops = false) {
    const hint = isOfShops ? ", but below the address of each shop: /shops/{shop}" : "";
    super(404, `there is no ${method} ${shortened(url.split("?")[0])}${hint}`);
  }
}

export class NotAllowed extends Refusal {
  constructor(method: string, allow: string) {
    super(405, `${method} is not for this address; there are ${allow}`, { allow });
  }
}

const NOT_JSON = "send the body as JSON, with content-type: application/json";

/** A body whose type is not taken from where it comes. */
export class NotJson extends Refusal {
  constructor() {
    super(415, NOT_JSON);
  }
}

/** A body that is compressed, or otherwise encoded. */
export class EncodedBody extends Refusal {
  constructor() {
    super(415, "send the body without a content-encoding", { "accept-encoding": "identity" });
  }
}

/** No such shop is served here. */
export class NoShop extends Refusal {
  constructor(name = "") {
    super(404, `there is no shop ${JSON.stringify(shortened(name))} here: GET /readyz names those there are`);
  }
}

/** The header that brings a key. `Authorization` is left to who stands in front. */
export const KEY_HEADER = "x-api-key";

export class KeyRefused extends Refusal {
  constructor(reason: "a key is needed" | "this key is not, or no longer, valid") {
    super(401, `${reason}: send one in the header ${KEY_HEADER}`, { "www-authenticate": "ApiKey" });
  }
}

/** A key that opens another shop of this recommender. */
export class KeyOfAnotherShop extends Refusal {
  constructor() {
    super(403, "this key opens another shop: send one of this shop's own");
  }
}

/** Nobody can say whether a key is valid. */
export class KeysUnread extends Refusal {
  constructor() {
    super(503, "the list of keys could not be read yet: try again", { "retry-after": "5" });
  }
}

/** A request to an open recommender that came under a name of somebody else's. */
export class Misdirected extends Refusal {
  constructor() {
    super(421, "with access open it answers to this machine's own names alone: ask 127.0.0.1 or localhost");
  }
}

const shortened = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text);

/** Four lists of 200 ids of 256 bytes, some of which JSON has to escape. */
export const MAX_BODY = 512 * 1024;

/** Fastify's own refusals repeat the address, however long. These say instead what to do. */
const WORDS: Record<string, string> = {
  FST_ERR_BAD_URL: "the address cannot be read: what is percent-encoded in it must be UTF-8",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: NOT_JSON,
  FST_ERR_CTP_BODY_TOO_LARGE: `the body is too long: at most ${MAX_BODY} bytes are read`,
  FST_ERR_CTP_EMPTY_JSON_BODY: "the body is empty; it must be a JSON object",
  FST_ERR_CTP_INVALID_JSON_BODY: "the body is not valid JSON",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "the body is not as long as content-length says, or not UTF-8",
};

export function httpProblem(status: number, detail: string, field?: string): HttpProblem {
  const title = STATUS_CODES[status] ?? "Error";
  return { type: "about:blank", title, status, detail, ...(field === undefined ? {} : { field }) };
}

/** Gives every error of an app one shape: a problem's, as RFC 9457 has it. */
export function answerWithProblems(app: FastifyInstance, log: FastifyBaseLogger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler((request) => {
    throw new NotFound(request);
  });
}

export function sendProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: FastifyBaseLogger,
): FastifyReply {
  const status = error.statusCode ?? (error.validation ? 400 : 500);
  if (status >= 500 && !(error instanceof Refusal)) {
    const failure = { type: error.name, code: error.code, at: placesOf(error) };
    const { shop } = (request.params ?? {}) as { shop?: string };
    log.error({ failure, route: request.routeOptions?.url, shop }, "a request failed");
  }
  const { field, detail } = error.validation ? schemaFault(error, request) : faultIn(error, status);
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

/** Fastify refuses an address, or a body. */
const partOf = ({ code = "" }: FastifyError) => (code.includes("URL") ? "url" : "body");
