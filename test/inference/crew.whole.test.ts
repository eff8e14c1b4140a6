import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { LANGUAGE_MODEL } from "../../contracts/layout.ts";
import { Crew, type CrewOptions } from "../../inference/engine/crew.ts";
import { startThread, ThreadEnded, type Thread } from "../../inference/engine/thread.ts";
import type { Scored, ThreadData } from "../../inference/engine/worker.ts";
import { readConfig } from "../../inference/model/config.ts";
import { generationOf, parsed, readModelFiles } from "../../inference/model/files.ts";
import { madeModels } from "./models.ts";

const { folder, expected } = await madeModels();
const model = fileObjects(join(folder, "two"));
const { config, ...files } = await readModelFiles(model, (await generationOf(model))!);
const { labels, ...cut } = readConfig(config, parsed(LANGUAGE_MODEL.tokenizerConfig, files.tokenizerConfig));
const data: ThreadData = { ...files, ...cut, labels: labels.length, maxBatch: 8 };

/** A crew whose threads the test can end, and which end themselves over the text "poison". */
async function startCrew(change: Partial<CrewOptions> = {}) {
  const threads: Thread[] = [];
  const troubles: unknown[] = [];
  const crew = await Crew.start(data, {
    threads: 2,
    maxBatch: 8,
    batchMs: 2,
    troubled: (error) => void troubles.push(error),
    async start(data) {
      const thread = await startThread(data);
      threads.push(thread);
      return {
        ...thread,
        async run(texts) {
          if (texts.includes("poison")) await thread.end();
          return thread.run(texts);
        },
      };
    },
    ...change,
  });
  afterAll(() => crew.close());
  return { crew, threads, troubles };
}

const isWanted = () => true;
const classified = (crew: Crew, texts: readonly string[]) =>
  Promise.all(texts.map((text) => crew.classify(text, isWanted)));

const { crew: steady } = await startCrew();
const answers = await classified(steady, expected.texts);

const isNear = (found: readonly Scored[]) =>
  found.forEach(({ probabilities, truncated }, k) => {
    expect(truncated).toBe(answers[k].truncated);
    probabilities.forEach((p, label) => expect(p).toBeCloseTo(answers[k].probabilities[label], 5));
  });

describe("a thread that ends", () => {
  it("while its crew closes leaves nobody waiting", async () => {
    const { crew } = await startCrew({ threads: 1 });
    const asked = Promise.allSettled(["poison", "good"].map((text) => crew.classify(text, isWanted)));
    await crew.close();
    expect(await asked).toMatchObject([
      { status: "rejected", reason: expect.any(ThreadEnded) },
      { status: "rejected", reason: expect.any(ThreadEnded) },
    ]);
  });

  it("loses no text, and another takes its place", async () => {
    const { crew, threads, troubles } = await startCrew();
    const asked = classified(crew, expected.texts);
    await threads[0].end();
    isNear(await asked);
    await expect.poll(() => threads.length).toBe(3);
    expect(troubles[0]).toBeInstanceOf(ThreadEnded);
    isNear(await classified(crew, expected.texts));
  });

  it("over one text ends once more over it alone; the texts beside it are answered", async () => {
    const { crew } = await startCrew({ threads: 1, batchMs: 50 });
    const others = ["good", "bad", "ok"];
    const asked = [...others, "poison"].map((text) => crew.classify(text, isWanted));
    const [poisoned, ...rest] = await Promise.allSettled(asked.toReversed());
    expect(poisoned).toMatchObject({ status: "rejected", reason: expect.any(ThreadEnded) });
    expect(rest.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect((await classified(crew, ["ok"])).length).toBe(1);
  });

  it("is none of the model's fault when it was asked to: a crew that closes answers what waits", async () => {
    const { crew, troubles } = await startCrew({ batchMs: 1000 });
    const asked = classified(crew, expected.texts.slice(0, 3));
    await crew.close();
    expect((await asked).length).toBe(3);
    expect(troubles).toEqual([]);
    expect(crew.isWorking).toBe(false);
  });
});

it("A text that nobody waits for is not classified", async () => {
  const { crew } = await startCrew({ batchMs: 30 });
  const asked = crew.classify("good", () => false);
  await expect(asked).rejects.toMatchObject({ code: 1 });
  expect(crew.load).toEqual({ waiting: 0, atWork: 0 });
});
