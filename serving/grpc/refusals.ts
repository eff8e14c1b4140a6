import { status, type Metadata } from "@grpc/grpc-js";

/** A call that does not get what it asked for, through no fault of the service. */
export class Refusal extends Error {
  /** A status of gRPC. */
  readonly code: number;
  readonly details: string;
  /** Trailing metadata. */
  readonly metadata: Metadata | undefined;

  constructor(code: number, details: string, metadata?: Metadata) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }
}

export const invalid = (details: string) => new Refusal(status.INVALID_ARGUMENT, details);

export const overload = (what: string) =>
  new Refusal(status.RESOURCE_EXHAUSTED, `too many ${what} at once: try again later`);

export const tooLong = () =>
  new Refusal(status.DEADLINE_EXCEEDED, "the request did not arrive in time, or nobody reads its answer");

export const gone = () => new Refusal(status.CANCELLED, "nobody waits for it any more");
