/** What a person needs to know when something fails. */
export interface ProblemDetails {
  /** What was being done, on what: "Reading events.csv". */
  doing: string;
  /** Why it failed: "there is no column 'user'". */
  why: string;
  /** What to do next: "Name it with --map user=<column>". */
  next: string;
  cause?: unknown;
}

/** The one error that Steamer shows to people. Anything else that is thrown is a defect. */
export class Problem extends Error {
  readonly doing: string;
  readonly why: string;
  readonly next: string;

  constructor({ doing, why, next, cause }: ProblemDetails) {
    super(`${doing}: ${why}\n  Next: ${next}`, cause === undefined ? undefined : { cause });
    this.name = "Problem";
    this.doing = doing;
    this.why = why;
    this.next = next;
  }
}
