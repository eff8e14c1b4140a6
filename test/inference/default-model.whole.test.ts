import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeSentimentModel, sentimentPython } from "../../sentiment-model/python.ts";
import { temporaryFolder } from "../temporary.ts";
import { clientTo, started } from "./served.ts";

const python = sentimentPython();
const folder = temporaryFolder();
const model = join(folder, "sentiment");
makeSentimentModel(python, model);

/** What a Python program prints, as JSON. */
function answerOf<T>(...args: string[]): T {
  const { stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as T;
}

describe("the default sentiment model", () => {
  it("is the same to the byte when it is made again", () => {
    const again = join(folder, "again");
    makeSentimentModel(python, again);
    const files = readdirSync(model, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(model.length));
    expect(paths).toContain("/onnx/model.onnx");
    for (const path of paths)
      expect(readFileSync(join(again, path)).equals(readFileSync(join(model, path)))).toBe(true);
  });

  it("says of 200 hard texts what Python's tokenizers and onnxruntime say, in batches and alone", async () => {
    const print = "import json, texts; print(json.dumps(texts.texts()))";
    const texts = answerOf<string[]>("-c", `import sys; sys.path.insert(0, "test/inference"); ${print}`);
    writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
    const { chances } = answerOf<{ chances: number[] }>(
      "bench/peers/sentiment.py",
      model,
      join(folder, "texts.json"),
    );
    const { classify, classifyAll } = await clientTo(await started(model));
    const together = await classifyAll(texts);
    expect(texts.length).toBe(200);
    for (const [k, { sentiment }] of together.entries()) expect(sentiment).toBeCloseTo(chances[k], 4);
    for (const [k, text] of texts.slice(0, 30).entries())
      expect((await classify(text)).sentiment).toBeCloseTo(together[k].sentiment, 5);
  });

  it("tells praise from complaint", async () => {
    const { classify } = await clientTo(await started(model));
    const praise = await classify("Works perfectly, and looks better than in the picture. I love it!");
    expect(praise).toMatchObject({ label: "POSITIVE", truncated: false });
    const complaint = await classify("It broke after two days, and nobody answers my mails.");
    expect(complaint).toMatchObject({ label: "NEGATIVE" });
    expect(complaint.sentiment).toBeLessThan(0.1);
    const long = await classify("It broke after two days. ".repeat(100));
    expect(long).toMatchObject({ label: "NEGATIVE", truncated: true });
  });
});
