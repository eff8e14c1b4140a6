import {
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Failure, type StatusName } from "./faults.ts";

/** A request, read to its end. */
export interface HttpRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers?: IncomingHttpHeaders;
  body: Buffer | string;
}

export interface HttpServer {
  /** http://127.0.0.1:<port> */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves on a free port. A Failure becomes an error in the format of Google's JSON APIs; a lost
 * answer breaks the connection.
 */
export async function serveHttp(answer: (request: HttpRequest) => Promise<HttpAnswer>): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const { url, method, headers } = request;
        const body = await read(request);
        const result = await answer({
          method: method!,
          url: new URL(url!, "http://127.0.0.1"),
          headers,
          body,
        });
        // The answer to HEAD tells the length that the body would have.
        const length =
          method === "HEAD" ? result.headers?.["content-length"] : Buffer.byteLength(result.body);
        const sent = {
          ...endToEnd(result.headers ?? {}),
          ...(length !== undefined && { "content-length": length }),
        };
        response.writeHead(result.status, sent).end(result.body);
      } catch (error) {
        if (error instanceof Failure && error.lost) return response.destroy();
        const { status, body } = errorAnswer(error);
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      }
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => stop(server) };
}

/** Forwards a request to another server unchanged. */
export function forward(target: string, { method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((done, fail) => {
    const options = { method, headers: { ...endToEnd(headers), "content-length": body.length } };
    const request = send(`${target}${url.pathname}${url.search}`, options, (response) => {
      read(response).then(
        (body) => done({ status: response.statusCode!, headers: response.headers, body }),
        fail,
      );
    });
    request.on("error", (error) => fail(new Failure("UNAVAILABLE", error.message))).end(body);
  });
}

export const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** An error in the format of Google's JSON APIs. */
function errorAnswer(error: unknown): HttpAnswer {
  const { code, reason, message } =
    error instanceof Failure
      ? error
      : { code: "INTERNAL" as const, reason: undefined, message: String(error) };
  const { http, word } = STATUSES[code] ?? STATUSES.INTERNAL!;
  const errors = [{ message, domain: "global", reason: reason ?? word }];
  return json(http, { error: { code: http, message, errors, status: code } });
}

const STATUSES: Partial<Record<StatusName, { http: number; word: string }>> = {
  INVALID_ARGUMENT: { http: 400, word: "invalid" },
  UNAUTHENTICATED: { http: 401, word: "authError" },
  PERMISSION_DENIED: { http: 403, word: "accessDenied" },
  NOT_FOUND: { http: 404, word: "notFound" },
  ALREADY_EXISTS: { http: 409, word: "duplicate" },
  FAILED_PRECONDITION: { http: 412, word: "conditionNotMet" },
  RESOURCE_EXHAUSTED: { http: 429, word: "rateLimitExceeded" },
  INTERNAL: { http: 500, word: "internalError" },
  UNAVAILABLE: { http: 503, word: "backendError" },
  DEADLINE_EXCEEDED: { http: 504, word: "timeout" },
};

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Headers without those of one connection. The body is whole, so its length is known anew. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const {
    connection: _c,
    "transfer-encoding": _t,
    "content-length": _l,
    "keep-alive": _k,
    ...rest
  } = headers;
  return rest;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  server.closeAllConnections();
  await closed;
}
