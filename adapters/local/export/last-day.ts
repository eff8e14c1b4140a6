import { isDeepStrictEqual } from "node:util";
import { Problem } from "../../../contracts/problem.ts";
import { latestName } from "./daily-files.ts";
import type { ExportHooks, ExportRequest } from "./export-events.ts";
import type { EventFile } from "./files/input-files.ts";
import { readEvents, type ReadEvents } from "./read-events.ts";
import { describeSources } from "./sources.ts";

/**
 * The events that had to be read to find a night's last day. Its export takes them, instead of
 * reading them again.
 */
export class ReadAhead {
  #kept: { read: ReadEvents; of: unknown } | undefined;

  /**
   * The last day of a night, which names its run: the requested day, else the latest day of rows,
   * for which it reads them. Where dated files cannot be read, it is the latest day in a name, and
   * the export says why.
   * @param openFolder makes a folder for what does not fit in memory
   * @returns null when no file has an interaction (the export will say why).
   * @throws Problem as `exportEvents` does.
   */
  async findLastDay(
    files: EventFile[],
    request: ExportRequest,
    openFolder: () => Promise<string>,
    hooks: ExportHooks,
  ): Promise<string | null> {
    if (request.lastDay) return request.lastDay;
    const of = await stateOf(files, request);
    try {
      const read = await readEvents(request, await openFolder(), hooks);
      this.#kept = { read, of };
      return read.latest ?? null;
    } catch (error) {
      hooks.signal.throwIfAborted();
      const named = latestName(files);
      if (named === undefined || !(error instanceof Problem)) throw error;
      return named;
    }
  }

  /** Hands them over, to be closed there, if neither files nor these have changed since. */
  async take(beside: Beside): Promise<ReadEvents | undefined> {
    const kept = this.#kept;
    if (!kept) return undefined;
    this.#kept = undefined;
    const { read, of } = kept;
    const now = await stateOf(read.found.files, beside).catch(() => undefined);
    if (isDeepStrictEqual(now, of)) return read;
    await read.close();
    return undefined;
  }

  async close(): Promise<void> {
    await this.#kept?.read.close();
    this.#kept = undefined;
  }
}

/** What else decides how files are read, and may change during a night. */
type Beside = Pick<ExportRequest, "erased" | "aliases">;

const stateOf = async (files: EventFile[], { erased = {}, aliases }: Beside) => [
  await describeSources(files),
  erased,
  aliases?.sha256,
];
