import { Problem } from "../contracts/problem.ts";

/** Ends a benchmark with what people can mend; any other error is a defect, and is thrown on. */
export function showProblem(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
