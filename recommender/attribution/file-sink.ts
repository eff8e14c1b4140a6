import { open } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AttributionRow } from "../../contracts/http/attribution.ts";
import { Refusal } from "../http/errors.ts";
import type { AttributionSink } from "./intake.ts";
import { createPart, type Open, type Part } from "./part.ts";

/** Rows that may wait for a slow disk. */
const MOST_WAITING = 10_000;

/** Bytes after which a day's next part begins: some 250,000 rows. */
const PART_BYTES = 64 * 1024 * 1024;

/** Rows of one request, and who waits for them. */
interface Waiting {
  day: string;
  rows: AttributionRow[];
  done(): void;
  refuse(error: Refusal): void;
}

interface Options {
  partBytes?: number;
  openFile?: Open;
}

/**
 * Appends to files of a day and of limited size, `<folder>/<day>.<part>.ndjson`. What comes while
 * the disk is busy is written together with the next write (group commit), so that a disk that
 * takes its time costs throughput nothing. Each write is tried on its own: when a full disk has
 * room again, the next one succeeds.
 * @param failed is told of the first of several failures in a row
 */
export function fileSink(
  folder: string,
  failed: (error: unknown) => void,
  { partBytes = PART_BYTES, openFile = open }: Options = {},
): AttributionSink {
  let waiting: Waiting[] = [];
  let rowsWaiting = 0;
  let writing: Promise<void> | null = null;
  let part: Part | null = null;
  let isFailing = false;

  async function partFor(day: string): Promise<Part> {
    const last = part;
    if (last && last.day === day && last.bytes < partBytes) return last;
    part = null;
    await last?.close();
    return (part = await createPart(folder, day, openFile));
  }

  async function writeTogether(group: Waiting[]): Promise<void> {
    const rows = group.flatMap((one) => one.rows);
    rowsWaiting -= rows.length;
    try {
      const into = await partFor(group[0].day);
      await into.append(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      isFailing = false;
      for (const { done } of group) done();
    } catch (error) {
      await part?.abandon();
      part = null;
      if (!isFailing) failed(error);
      isFailing = true;
      for (const { refuse } of group) refuse(unwritten());
    }
  }

  async function writeAll(): Promise<void> {
    // Requests that arrive in the same turn go together.
    for (await nextTurn(); waiting.length > 0;) {
      const [{ day }] = waiting;
      const group = waiting.filter((one) => one.day === day);
      waiting = waiting.filter((one) => one.day !== day);
      await writeTogether(group);
    }
    // In the turn of the last look: what comes later begins anew.
    writing = null;
  }

  return {
    async write(rows) {
      if (rowsWaiting + rows.length > MOST_WAITING) throw unwritten();
      const written = new Promise<void>((done, refuse) =>
        waiting.push({ day: rows[0].at.slice(0, 10), rows, done, refuse }),
      );
      rowsWaiting += rows.length;
      writing ??= writeAll();
      await written;
    },
    async close() {
      while (writing) await writing;
      await part?.close();
      part = null;
    },
    failing: () => (isFailing ? ["the file of events"] : []),
  };
}

const unwritten = () =>
  new Refusal(503, "events cannot be written down at the moment: send them again", { "retry-after": "5" });
