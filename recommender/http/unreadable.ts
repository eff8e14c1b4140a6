import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_TYPE } from "../../contracts/http/http-problem.ts";
import { httpProblem } from "./errors.ts";
import { SECURITY_HEADERS } from "./headers.ts";

/** Requests that Node cannot read never reach a route. */
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

/**
 * Answers a request with an unknown Expect header, and closes the connection: a body may or may not
 * follow.
 */
export function refuseExpectation(response: ServerResponse): void {
  const body = JSON.stringify(httpProblem(417, "of all expectations 100-continue alone is met"));
  const length = Buffer.byteLength(body);
  const own = { "content-type": PROBLEM_TYPE, "content-length": length, connection: "close" };
  response.writeHead(417, { ...own, ...SECURITY_HEADERS }).end(body);
}
