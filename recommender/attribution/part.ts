import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ATTRIBUTION_DAYS } from "../../contracts/http/attribution.ts";
import { attributionPartOf, paths } from "../../contracts/layout.ts";
import { addDays } from "../../night/run/day.ts";

/** An open file, as far as a part needs it. */
export interface Appended {
  appendFile(text: string): Promise<void>;
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file as `fs.open` does. */
export type Open = (path: string, flags: string) => Promise<Appended>;

/**
 * One file of a day's events. The process that made it is the only one that ever writes to it: what
 * a dead process left behind, a torn line perhaps, is not touched again.
 */
export class Part {
  readonly day: string;
  readonly #path: string;
  readonly #file: Appended;
  #bytes = 0;

  /** @param day the rows' day, in UTC */
  constructor(day: string, path: string, file: Appended) {
    this.day = day;
    this.#path = path;
    this.#file = file;
  }

  /** Bytes of whole rows. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns when the text is on the disk. Whoever gets an error must abandon the part. */
  async append(text: string): Promise<void> {
    await this.#file.appendFile(text);
    await this.#file.datasync();
    this.#bytes += Buffer.byteLength(text);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * After an error: takes back what was written in part, as far as that goes. Readers skip what
   * remains. A file without rows is removed, so that tries on a full disk leave nothing behind.
   */
  async abandon(): Promise<void> {
    await this.#file.truncate(this.#bytes).catch(() => {});
    await this.#file.close().catch(() => {});
    if (this.#bytes === 0) await rm(this.#path, { force: true }).catch(() => {});
  }
}

/** Makes the next part of a day, and removes the parts of days that are no longer kept. */
export async function createPart(folder: string, day: string, openFile: Open): Promise<Part> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  await removeBefore(folder, names, addDays(day, -ATTRIBUTION_DAYS));
  const numbers = names.map(attributionPartOf).map((found) => (found?.day === day ? found.part : 0));
  for (let number = Math.max(0, ...numbers) + 1; ; number++) {
    const path = join(folder, paths.attributionOf(day, number));
    try {
      const part = new Part(day, path, await openFile(path, "ax"));
      await syncFolder(folder);
      return part;
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

async function removeBefore(folder: string, names: string[], first: string): Promise<void> {
  const old = names.filter((name) => (attributionPartOf(name)?.day ?? first) < first);
  // What cannot be removed now must not keep events out. It is tried again with the next part.
  await Promise.allSettled(old.map((name) => rm(join(folder, name), { force: true })));
}

/** The name of a new file must outlive a power failure too. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const opened = await open(folder, "r");
  await opened.sync().finally(() => opened.close());
}
