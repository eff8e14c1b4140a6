import type { StageName } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Stage, StageContext, StageState } from "../../night/run/stage.ts";

export interface Hooks {
  progress(fraction: number, message?: string): void;
  signal: AbortSignal;
}

export interface Outcome {
  metrics: Record<string, unknown>;
  warnings?: string[];
}

/**
 * A stage whose work runs in this process. If the process dies, so does the attempt: the next one
 * starts anew.
 */
export function localStage(
  name: StageName,
  work: (context: StageContext, hooks: Hooks) => Promise<Outcome>,
): Stage {
  const attempts = new Map<string, { state: StageState; abort: AbortController; ended: Promise<void> }>();
  const keyOf = ({ manifest, attempt }: StageContext) => `${manifest.run}/${attempt}`;
  return {
    name,
    async start(context) {
      const operation = { process: process.pid };
      if (attempts.has(keyOf(context))) return operation;
      const abort = new AbortController();
      const attempt = {
        state: { state: "running", progress: 0 } as StageState,
        abort,
        ended: Promise.resolve(),
      };
      attempts.set(keyOf(context), attempt);
      const progress = (fraction: number, message = "") =>
        (attempt.state = { state: "running", progress: fraction, message });
      attempt.ended = work(context, { progress, signal: abort.signal }).then(
        (outcome) => void (attempt.state = { state: "done", ...outcome }),
        (error) => void (attempt.state = failed(error)),
      );
      return operation;
    },
    async poll(context) {
      const gone: StageState = { state: "failed", reason: "the process that ran it is gone", retry: true };
      return attempts.get(keyOf(context))?.state ?? gone;
    },
    async cancel(context) {
      const attempt = attempts.get(keyOf(context));
      attempt?.abort.abort(
        new Problem({ doing: `Running ${name}`, why: "it was cancelled", next: "run the night again" }),
      );
      await attempt?.ended;
    },
  };
}

/** A failure on one machine does not get better by itself: no retry. */
function failed(error: unknown): StageState {
  const reason =
    error instanceof Problem ? error.message : `a defect in Steamer: ${(error as Error)?.stack ?? error}`;
  return { state: "failed", reason, retry: false };
}
