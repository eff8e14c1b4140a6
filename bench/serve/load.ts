/**
 * The load generator, a process of its own. It asks a server and reports rates, times and failures
 * by messages.
 */
import { connect, type Socket } from "node:net";
import { createHistogram } from "node:perf_hooks";

export interface Load {
  port: number;
  paths: string[];
  seconds: number;
  connections: number;
  /**
   * Requests a second, at random times, as customers come. Without it each connection sends its
   * next request as soon as it has an answer.
   */
  rate?: number;
}

export interface Loaded {
  answered: number;
  /** Answers other than 200, and connections that ended or failed during a request. */
  failed: number;
  seconds: number;
  /** From the due time of a request to the end of its answer. */
  ms: { p50: number; p99: number; p999: number; max: number };
}

process.on("message", (load: Load) => void run(load).then((done) => process.send!(done)));
process.on("disconnect", () => process.exit());

async function run({ port, paths, seconds, connections, rate }: Load): Promise<Loaded> {
  const requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`));
  const times = createHistogram();
  const idle: Connection[] = [];
  let [asked, answered, failed] = [0, 0, 0];
  let isOver = false;

  const ask = (connection: Connection, due: number) =>
    connection.ask(requests[asked++ % requests.length], (isGood) => {
      if (isGood) answered++;
      else failed++;
      times.record(Math.max(1, Math.round((performance.now() - due) * 1e6)));
      if (rate === undefined && !isOver) ask(connection, performance.now());
      else idle.push(connection);
    });

  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const startedAt = performance.now();
  const endsAt = startedAt + 1000 * seconds;
  if (rate === undefined) for (const connection of all) ask(connection, performance.now());
  else idle.push(...all);

  let due = startedAt;
  // This loop never sleeps. Timers are good to a millisecond only, and the server would pay for
  // waking this process.
  while (performance.now() < endsAt || idle.length < all.length) {
    const now = performance.now();
    if (now >= endsAt) isOver = true;
    while (rate !== undefined && due <= now && due < endsAt && idle.length > 0) {
      ask(idle.shift()!, due);
      due += (-1000 * Math.log(1 - Math.random())) / rate;
    }
    await new Promise((resume) => setImmediate(resume));
  }
  const took = (performance.now() - startedAt) / 1000;
  for (const connection of all) connection.close();
  const at = (percent: number) => times.percentile(percent) / 1e6;
  const ms = { p50: at(50), p99: at(99), p999: at(99.9), max: times.max / 1e6 };
  return { answered, failed, seconds: took, ms };
}

type Answered = (isGood: boolean) => void;

/** One kept connection, reopened when the server ends it; one request at a time. */
class Connection {
  readonly #port: number;
  #socket: Socket | null = null;
  #waiting: Answered | null = null;
  #rest: Buffer | null = null;

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await connection.#connect();
    return connection;
  }

  private constructor(port: number) {
    this.#port = port;
  }

  ask(request: Buffer, answered: Answered): void {
    this.#waiting = answered;
    if (this.#socket) this.#socket.write(request);
    else void this.#connect().then((socket) => socket.write(request));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Promise<Socket> {
    const socket = connect(this.#port, "127.0.0.1");
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (data) => this.#read(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = null;
      this.#rest = null;
      this.#done(false);
    });
    return new Promise((resolve) => socket.once("connect", () => resolve(socket)));
  }

  #read(data: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, data]) : data;
    const headEnd = all.indexOf("\r\n\r\n");
    const head = headEnd < 0 ? "" : all.toString("latin1", 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined || all.length < headEnd + 4 + Number(length)) {
      this.#rest = all;
      return;
    }
    this.#rest = null;
    this.#done(head.startsWith("HTTP/1.1 200 "));
  }

  #done(isGood: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(isGood);
  }
}
