import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AttributionRow } from "../../../contracts/http/attribution.ts";
import { fileSink } from "../../../recommender/attribution/file-sink.ts";
import { createIntake } from "../../../recommender/attribution/intake.ts";
import type { Appended, Open } from "../../../recommender/attribution/part.ts";
import { createTokens } from "../../../recommender/attribution/token.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { temporaryFolder } from "../../temporary.ts";
import { TOKEN_KEY } from "../test-app.ts";
import { row } from "./row.ts";

const [LATE, EARLY] = ["2026-11-21T23:59:59.999Z", "2026-11-22T00:00:00.000Z"];

/** The ids in each file, in order. */
const filesIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => {
      const lines = readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean);
      return [name, lines.map((line) => (JSON.parse(line) as AttributionRow).id)];
    }),
  );

/** A disk that can be full: half of a text still finds room, as on a real one. */
function smallDisk() {
  const disk = { isFull: false, writes: 0 };
  const openFile: Open = async (path, flags) => {
    const file = await open(path, flags);
    const appendFile: Appended["appendFile"] = async (text) => {
      disk.writes++;
      if (!disk.isFull) return file.appendFile(text);
      await file.appendFile(text.slice(0, text.length / 2));
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    return {
      appendFile,
      datasync: () => file.datasync(),
      truncate: (bytes) => file.truncate(bytes),
      close: () => file.close(),
    };
  };
  return { disk, openFile };
}

describe("the files of events", () => {
  const folder = () => join(temporaryFolder(), "attribution");

  it("have a line an event and a day each, on the disk before anybody is told", async () => {
    const at = folder();
    const sink = fileSink(at, () => {});
    await Promise.all([sink.write([row(LATE, "1")]), sink.write([row(EARLY, "2")])]);
    await sink.write([row(EARLY, "3")]);
    expect(filesIn(at)).toEqual({ "2026-11-21.1.ndjson": ["1"], "2026-11-22.1.ndjson": ["2", "3"] });
    await sink.close();
  });

  it("are written once for all requests that come while the disk is busy", async () => {
    const { disk, openFile } = smallDisk();
    const at = folder();
    const sink = fileSink(at, () => {}, { openFile });
    await Promise.all(Array.from({ length: 100 }, (_, k) => sink.write([row(EARLY, `${k}`)])));
    expect(disk.writes).toBe(1);
    expect(filesIn(at)["2026-11-22.1.ndjson"]).toHaveLength(100);
    await sink.close();
  });

  it("have parts of limited size, and each process has its own", async () => {
    const at = folder();
    const [one, two] = [1, 2].map(() => fileSink(at, () => {}, { partBytes: 1 }));
    await one.write([row(EARLY, "1")]);
    await two.write([row(EARLY, "2")]);
    await one.write([row(EARLY, "3")]);
    expect(filesIn(at)).toEqual({
      "2026-11-22.1.ndjson": ["1"],
      "2026-11-22.2.ndjson": ["2"],
      "2026-11-22.3.ndjson": ["3"],
    });
    await Promise.all([one.close(), two.close()]);
  });

  it("are removed after 400 days, and nothing else is", async () => {
    const at = folder();
    mkdirSync(at);
    for (const name of ["2025-10-17.ndjson", "2025-10-17.2.ndjson", "2025-10-18.1.ndjson", "notes.ndjson"])
      writeFileSync(join(at, name), "");
    const sink = fileSink(at, () => {});
    await sink.write([row(EARLY, "1")]);
    expect(readdirSync(at)).toEqual(["2025-10-18.1.ndjson", "2026-11-22.1.ndjson", "notes.ndjson"]);
    await sink.close();
  });

  it("take no events while the disk is full, are whole all the same, and take them again with room", async () => {
    const { disk, openFile } = smallDisk();
    const at = folder();
    const failures: unknown[] = [];
    const sink = fileSink(at, (error) => failures.push(error), { openFile });
    await sink.write([row(EARLY, "1")]);
    disk.isFull = true;
    for (const id of ["2", "3", "4"])
      await expect(sink.write([row(EARLY, id)])).rejects.toMatchObject({
        statusCode: 503,
        headers: { "retry-after": "5" },
      });
    expect(sink.failing()).toEqual(["the file of events"]);
    expect(failures).toHaveLength(1);
    expect(filesIn(at)).toEqual({ "2026-11-22.1.ndjson": ["1"] });
    disk.isFull = false;
    await sink.write([row(EARLY, "2")]);
    expect(sink.failing()).toEqual([]);
    expect(filesIn(at)).toEqual({ "2026-11-22.1.ndjson": ["1"], "2026-11-22.2.ndjson": ["2"] });
    await sink.close();
  });

  it("refuse when the folder cannot be made, or too much waits", async () => {
    const at = folder();
    writeFileSync(at, "in the way");
    const sink = fileSink(at, () => {});
    await expect(sink.write([row(EARLY, "1")])).rejects.toThrow("send them again");
    rmSync(at);
    const many = Array.from({ length: 10_001 }, (_, k) => row(EARLY, `${k}`));
    await expect(sink.write(many)).rejects.toThrow("send them again");
    await sink.write([row(EARLY, "1")]);
    expect(filesIn(at)).toEqual({ "2026-11-22.1.ndjson": ["1"] });
    await sink.close();
  });
});

describe("an event that is sent again", () => {
  const tokens = createTokens(TOKEN_KEY);
  const token = tokens.sign({
    model: "m",
    scenario: "similar",
    results: [{ row: 0, source: "model" }],
    ids: { idHashOf: () => murmur3("tent") },
    at: Date.now(),
  });
  const click = { id: "1", event: "click", item: "tent", token } as const;
  const now = new Date();

  it("hears what becomes of the first, and counts when that could not be written", async () => {
    const ends: ((error?: Error) => void)[] = [];
    const write = () =>
      new Promise<void>((done, refuse) => ends.push((error) => (error ? refuse(error) : done())));
    const rows: AttributionRow[] = [];
    const take = createIntake(tokens, { write, close: async () => {}, failing: () => [] }, (one) =>
      rows.push(one),
    );
    const both = Promise.allSettled([take([click], now), take([click], now)]);
    ends[0](new Error("full"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(rows).toEqual([]);
    const again = Promise.all([take([click], now), take([click], now)]);
    ends[1]();
    expect(await again).toMatchObject([{ accepted: 1 }, { accepted: 0, duplicates: 1 }]);
    expect(await take([click], now)).toMatchObject({ accepted: 0, duplicates: 1 });
    expect([rows.length, ends.length]).toEqual([1, 2]);
  });
});
