import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";

export type StatusName = keyof typeof status;

/** A planned failure: its call and its kind. */
export interface Fault {
  /**
   * A call (`Dataproc.GetOperation`) or a step behind the calls (`Dataproc.cluster.create`);
   * README.md lists them.
   */
  call: string;
  /** The number of calls that fail (default 1). */
  times?: number;
  /** The number of calls that succeed first (default 0). */
  skip?: number;
  /** Only calls whose request passes. */
  when?: (request: any) => boolean;
  /** The call waits until `release()`. */
  hold?: boolean;
  delayMs?: number;
  /** The call fails with this error. It is not carried out, unless `lost`. */
  error?: { code: StatusName; message?: string; reason?: string };
  /** It is carried out, but its answer never arrives (default error: UNAVAILABLE). */
  lost?: boolean;
}

/** A fault in force. */
export interface ActiveFault {
  /** The number of calls that it has hit. */
  readonly hits: number;
  /** Resolves when it has hit a call for the first time. */
  readonly reached: Promise<void>;
  /** Releases held calls, and hits no more. */
  release(): void;
}

/** An injected failure, as the real service would report it. */
export class Failure extends Error {
  readonly code: StatusName;
  /** BigQuery's and Storage's word for it. */
  readonly reason: string | undefined;
  /** The connection breaks instead of an answer. */
  readonly lost: boolean;

  constructor(
    code: StatusName,
    message: string,
    { reason, lost = false }: { reason?: string | undefined; lost?: boolean } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.lost = lost;
  }
}

class Rule implements ActiveFault {
  readonly fault: Fault;
  hits = 0;
  seen = 0;
  reach!: () => void;
  release!: () => void;
  readonly reached = new Promise<void>((done) => (this.reach = done));
  readonly released = new Promise<void>((done) => {
    this.release = () => {
      this.#over = true;
      done();
    };
  });
  #over = false;

  constructor(fault: Fault) {
    this.fault = fault;
  }

  strikes(call: string, request: unknown): boolean {
    const { when, skip = 0, times = 1 } = this.fault;
    if (this.#over || this.fault.call !== call || (when && !when(request))) return false;
    if (this.seen++ < skip || this.hits >= times) return false;
    this.hits++;
    this.reach();
    return true;
  }
}

/** Counts every call, and lets tests make any of them fail. */
export class Faults {
  readonly #counts = new Map<string, number>();
  #rules: Rule[] = [];

  add(fault: Fault): ActiveFault {
    const rule = new Rule(fault);
    this.#rules.push(rule);
    return rule;
  }

  /** Ends all faults; held calls go on. */
  clear(): void {
    for (const rule of this.#rules.splice(0)) rule.release();
  }

  /** The number of times a call or step was seen. */
  calls(call: string): number {
    return this.#counts.get(call) ?? 0;
  }

  /** The number of times each call or step was seen. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  /**
   * Carries out a call or step, or applies a fault to it.
   * @throws Failure as injected; the signal's reason when it aborts a held call.
   */
  async around<T>(
    call: string,
    request: unknown,
    action: () => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#counts.set(call, this.calls(call) + 1);
    const rule = this.#rules.find((rule) => rule.strikes(call, request));
    if (!rule) return action();
    const { hold, delayMs, error, lost = false } = rule.fault;
    if (hold) await orAborted(rule.released, signal);
    if (delayMs) await sleep(delayMs, undefined, signal ? { signal } : {});
    const { code = "UNAVAILABLE", message = `${call}: ${code}`, reason } = error ?? {};
    if (error && !lost) throw new Failure(code, message, { reason });
    const result = await action();
    if (lost) throw new Failure(code, message, { reason, lost });
    return result;
  }
}

async function orAborted(event: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return event;
  signal.throwIfAborted();
  let stop!: () => void;
  const aborted = new Promise<void>((_, fail) =>
    signal.addEventListener("abort", (stop = () => fail(signal.reason as Error))),
  );
  return Promise.race([event, aborted]).finally(() => signal.removeEventListener("abort", stop));
}
