import { Problem } from "../../../contracts/problem.ts";

/** @throws Problem with DuckDB's reason when it cannot read the file. */
export async function asking<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const why = (cause as Error).message.split("\n")[0];
    throw unreadable(path, why, "check the file: docs/CATALOGUE.md says what can be read", cause);
  }
}

export const unreadable = (path: string, why: string, next: string, cause?: unknown) =>
  new Problem({ doing: `Reading the catalogue ${path}`, why, next, cause });
