import { printable } from "./printable.ts";

/** The parts of an error message for people. */
export interface ProblemDetails {
  /** The action and its object: "Reading events.csv". */
  doing: string;
  /** The reason: "there is no column 'user'". */
  why: string;
  /** The next step for the reader: "Name it with --map user=<column>". */
  next: string;
  cause?: unknown;
}

/** An error that Steamer shows to people. Any other error is a defect. */
export class Problem extends Error {
  readonly doing: string;
  readonly why: string;
  readonly next: string;

  /** Strangers' words in it are shown, and never obeyed by a terminal. */
  constructor({ cause, ...details }: ProblemDetails) {
    const [doing, why, next] = [details.doing, details.why, details.next].map(printable);
    super(`${doing}: ${why}\n  Next: ${next}`, cause === undefined ? undefined : { cause });
    this.name = "Problem";
    this.doing = doing;
    this.why = why;
    this.next = next;
  }
}
