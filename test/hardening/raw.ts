import { connect, type Socket } from "node:net";

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Exchange {
  answers: RawAnswer[];
  /** Whether the server has ended the connection. */
  isClosed: boolean;
}

/**
 * Sends bytes as they are, and returns what comes back until the server ends the connection or
 * `waitMs` are over.
 */
export async function exchange(port: number, bytes: string | Uint8Array, waitMs = 5000): Promise<Exchange> {
  const socket = connect(port, "127.0.0.1");
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return answersOf(socket, waitMs);
}

/** What comes over a connection until the server ends it or `waitMs` are over. */
export async function answersOf(socket: Socket, waitMs: number): Promise<Exchange> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  const isClosed = await new Promise<boolean>((done) => {
    const timer = setTimeout(() => done(false), waitMs);
    socket.once("close", () => {
      clearTimeout(timer);
      done(true);
    });
  });
  socket.destroy();
  return { answers: parsed(Buffer.concat(chunks)), isClosed };
}

/** Answers that stand one after the other; all of ours say how long they are. */
function parsed(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) throw new Error(`not an answer: ${bytes.toString("latin1", at).slice(0, 200)}`);
    const [first, ...lines] = bytes.toString("latin1", at, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(":")).toLowerCase(),
        line.slice(line.indexOf(":") + 2),
      ]),
    );
    const length = Number(headers["content-length"] ?? 0);
    const body = bytes.toString("utf8", end + 4, end + 4 + length);
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)![1]), headers, body });
    at = end + 4 + length;
  }
  return answers;
}

/** A GET that ends its connection. */
export const get = (path: string, ...headers: string[]) =>
  `${[`GET ${path} HTTP/1.1`, "host: 127.0.0.1", "connection: close", ...headers].join("\r\n")}\r\n\r\n`;

/** A POST that ends its connection. */
export function post(path: string, body: string | Uint8Array, ...headers: string[]): Uint8Array {
  const bytes = Buffer.from(body);
  const type = headers.some((line) => /^content-type/i.test(line)) ? [] : ["content-type: application/json"];
  const all = [
    ...type,
    ...headers,
    `content-length: ${bytes.length}`,
    "host: 127.0.0.1",
    "connection: close",
  ];
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n`, "latin1"),
    bytes,
  ]);
}
