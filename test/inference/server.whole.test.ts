import { execFile } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { inferenceDefinition } from "../../adapters/grpc/inference.ts";
import { INFERENCE, MAX_TEXT_BYTES } from "../../contracts/inference.ts";
import { writeUntilFull } from "../grpc-flood.ts";
import { temporaryFolder } from "../temporary.ts";
import { madeModels, replaceModel } from "./models.ts";
import { clientTo, started } from "./served.ts";

const { folder, expected } = await madeModels();
const at = (model: string) => join(folder, model);

/** A model's folder that a test may change. */
function copyOf(model: string): string {
  const copy = join(temporaryFolder(), "mine");
  cpSync(at(model), copy, { recursive: true });
  return copy;
}

describe("a model that does not fit is refused at the start, with the reason:", () => {
  it.each([
    ["strange-labels", /what the label tea stands for: set inference.labels, such as tea=0.5,ink=0.5/],
    ["three-labels", /the graph's logits are 1 x 2 where they should be 1 x 3/],
    ["small-vocabulary", /the vocabulary has ids up to 499, and the graph cannot look up the last/],
    ["few-positions", /config.json says that the model reads 48 tokens, and the graph does not/],
    ["other-output", /the graph has the outputs scores, and none is named logits/],
    ["regression", /problem_type of config.json is regression/],
  ])("%s", async (model, reason) => {
    await expect(started(at(model))).rejects.toThrow(reason);
  });

  it.each<[string, RegExp, (folder: string) => void]>([
    ["a graph that is cut off", /the graph cannot be opened/, cutOff],
    ["no graph", /the graph is missing: there is none of/, (at) => rmSync(join(at, "onnx/model.onnx"))],
    ["no tokenizer", /tokenizer.json is missing/, (at) => rmSync(join(at, "tokenizer.json"))],
    ["a broken tokenizer", /tokenizer.json cannot be used/, (at) => put(at, "tokenizer.json", "{")],
    ["a broken configuration", /config.json is not JSON/, (at) => put(at, "config.json", "{")],
    ["no labels", /config.json does not fit: .*id2label/, (at) => put(at, "config.json", "{}")],
    [
      "a tokenizer of a kind that is not supported",
      /tokenizer.json cannot be used/,
      (at) => put(at, "tokenizer.json", '{"model": {"type": "Strange"}}'),
    ],
  ])("%s", async (_, reason, spoil) => {
    const copy = copyOf("two");
    spoil(copy);
    await expect(started(copy)).rejects.toThrow(reason);
    await expect(started(copy)).rejects.toThrow(/Loading the model of .*\n.*Next: /s);
  });

  it("labels in the settings that the model does not have", async () => {
    const labels = { joy: "1" };
    await expect(started(at("two"), { "inference.labels": labels })).rejects.toThrow(
      /inference.labels names joy; the model's labels are NEGATIVE, POSITIVE/,
    );
  });
});

function cutOff(folder: string): void {
  put(folder, "onnx/model.onnx", Buffer.alloc(10_000, 1));
}
const put = (folder: string, path: string, content: string | Buffer) =>
  writeFileSync(join(folder, path), content);

describe("without a model", () => {
  it("it says how to get one, and is not serving; it serves as soon as there is one", async () => {
    const place = join(temporaryFolder(), "later");
    const server = await started(place);
    const { classify, health, watch } = clientTo(server);
    const watched = watch(INFERENCE)[Symbol.asyncIterator]();
    expect((await watched.next()).value).toEqual({ status: "NOT_SERVING" });
    const unavailable = { code: 14, details: expect.stringContaining("npm run model:sentiment") };
    await expect(classify("good")).rejects.toMatchObject(unavailable);
    replaceModel(at("two"), place);
    expect((await server.refresh()).problems).toEqual([]);
    expect((await classify("good")).model).toMatch(/^later@/);
    expect((await watched.next()).value).toEqual({ status: "SERVING" });
    expect(await health()).toBe("SERVING");
  });
});

describe("a swap", () => {
  it("in the middle of a stream fails no text, and each answer names its model", async () => {
    const place = copyOf("two");
    const server = await started(place);
    const { batch } = clientTo(server);
    const stream = batch();
    const answers = stream[Symbol.asyncIterator]();
    stream.write({ text: "good" });
    const before = (await answers.next()).value!;
    replaceModel(at("next"), place);
    await server.refresh();
    stream.write({ text: "good" });
    const after = (await answers.next()).value!;
    expect(after.model).toBe(server.model());
    expect(after.model).not.toBe(before.model);
    expect(after.score).not.toBeCloseTo(before.score, 5);
    stream.end();
    expect((await answers.next()).done).toBe(true);
  });

  it("under load fails no call", async () => {
    const place = copyOf("two");
    const server = await started(place, { "inference.threads": 2 });
    const { classify } = clientTo(server);
    const models = new Set<string>();
    let isOver = false;
    const ask = async () => {
      while (!isOver) models.add((await classify("good")).model);
    };
    const asking = Promise.all([ask(), ask(), ask(), ask()]);
    for (const next of ["next", "two", "next"]) {
      replaceModel(at(next), place);
      await server.refresh();
      await expect.poll(() => models.has(server.model()!)).toBe(true);
    }
    isOver = true;
    await asking;
    expect(models.size).toBe(2);
  });

  it("to a model that does not fit leaves the old one, and is taken when it is mended", async () => {
    const place = copyOf("two");
    const server = await started(place, { "inference.opsPort": 0 });
    const { classify, health } = clientTo(server);
    const { model } = await classify("good");
    replaceModel(at("small-vocabulary"), place);
    const { problems } = await server.refresh();
    expect((problems[0] as Error).message).toContain("the graph cannot look up the last");
    expect((await classify("good")).model).toBe(model);
    expect(await health()).toBe("SERVING");
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    expect(text).toContain('steamer_failing{what="the model"} 1');
    replaceModel(at("next"), place);
    await server.refresh();
    expect((await classify("good")).model).not.toBe(model);
  });
});

describe("a text out of bounds", () => {
  it.each([
    ["text is empty", ""],
    ["text has nothing but blanks", " \n\t\u00a0 "],
    [`text has 20001 bytes; at most ${MAX_TEXT_BYTES} are classified`, `${"é".repeat(10_000)}x`],
  ])("is refused: %s", async (details, text) => {
    const { classify } = clientTo(await started(at("two")));
    await expect(classify(text)).rejects.toMatchObject({ code: 3, details });
  });

  it("ends a stream after the answers to those before it", async () => {
    const { batch } = clientTo(await started(at("two")));
    const stream = batch();
    const found: unknown[] = [];
    stream.on("data", (answer) => found.push(answer));
    for (const text of ["good", "bad", " ", "ok"]) stream.write({ text });
    const error = await new Promise((done) => stream.on("error", done));
    expect(error).toMatchObject({ code: 3, details: "text has nothing but blanks" });
    expect(found.length).toBe(2);
  });

  it("is refused when its message is longer than 64 KiB; one of 20,000 bytes is taken", async () => {
    const { classify } = clientTo(await started(at("two")));
    await expect(classify("x".repeat(2 ** 16))).rejects.toMatchObject({ code: 8 });
    expect((await classify("good ".repeat(4000))).truncated).toBe(true);
  });
});

describe("more than it takes on", () => {
  it("is refused, and taken again when there is room; a probe is always answered", async () => {
    const change = { "inference.maxCalls": 3, "inference.batchMs": 1000 };
    const server = await started(at("two"), change);
    const { classify, health } = clientTo(server);
    const first = ["a", "b", "c"].map((text) => classify(text));
    await expect.poll(() => server.atWork().calls).toBe(3);
    await expect(classify("d")).rejects.toMatchObject({ code: 8, details: /too many calls at once/ });
    expect(await health()).toBe("SERVING");
    expect((await Promise.all(first)).length).toBe(3);
    expect((await classify("d")).label).toMatch(/TIVE/);
  });

  it("is not read from a stream whose client reads no answers", async () => {
    const { address } = await started(at("two"));
    const text = { text: "good ".repeat(400) };
    const { written, read } = await writeUntilFull(address, inferenceDefinition.ClassifyBatch, text);
    expect(written).toBeLessThan(50_000);
    expect(read).toBe(written);
  });
});

describe("shutting down", () => {
  it("tells watches that it serves no more, answers what it has, and cuts a watch off", async () => {
    const server = await started(at("two"), { "inference.batchMs": 1000 });
    const { classify, watch } = clientTo(server);
    const watching = watch();
    watching.on("error", () => {});
    const watched = watching[Symbol.asyncIterator]();
    expect((await watched.next()).value).toEqual({ status: "SERVING" });
    const asked = classify("good");
    await expect.poll(() => server.atWork().calls).toBe(1);
    const closed = server.close(3000);
    expect((await watched.next()).value).toEqual({ status: "NOT_SERVING" });
    expect((await asked).label).toMatch(/TIVE/);
    await expect(watched.next()).rejects.toMatchObject({ code: 1 });
    await closed;
  });
});

describe("the operator's listener", () => {
  it("counts calls and shows the model", async () => {
    const server = await started(at("two"), { "inference.opsPort": 0 });
    const { classify, classifyAll } = clientTo(server);
    await classify("good");
    await classifyAll(expected.texts.slice(0, 5));
    await classify("").catch(() => {});
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    expect(text).toContain(`steamer_calls_total{method="${INFERENCE}/ClassifyText",status="OK"} 1`);
    expect(text).toContain(
      `steamer_calls_total{method="${INFERENCE}/ClassifyText",status="INVALID_ARGUMENT"} 1`,
    );
    expect(text).toContain(`steamer_calls_total{method="${INFERENCE}/ClassifyBatch",status="OK"} 1`);
    expect(text).toContain(`steamer_model{model="${server.model()}"} 1`);
    expect(text).toContain('steamer_texts{state="waiting"} 0');
  });
});

describe("reflection", () => {
  it("lets buf curl use the service without its proto, beside the health service alone", async () => {
    const { address } = await started(at("two"));
    const curl = async (path: string, ...args: string[]) => {
      const options = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args];
      return (await promisify(execFile)("node_modules/.bin/buf", [...options, `http://${address}${path}`]))
        .stdout;
    };
    const methods = await curl("", "--list-methods");
    expect(methods).toContain(`${INFERENCE}/ClassifyBatch`);
    expect(methods).not.toContain("steamer.personalizer");
    const answer = await curl(`/${INFERENCE}/ClassifyText`, "-d", JSON.stringify({ text: "good" }));
    expect(JSON.parse(answer)).toMatchObject({ label: expect.stringMatching(/TIVE/) });
  });
});
