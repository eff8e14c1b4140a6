import { readFileSync } from "node:fs";
import { Value } from "typebox/value";
import { openFolder } from "../../adapters/storage/choose.ts";
import { Settings } from "../../contracts/settings/settings.ts";
import { generationOf } from "../../inference/model/files.ts";
import { loadModel } from "../../inference/model/model.ts";
import { measure } from "../measure.ts";

/**
 * Classifies each review alone, by one thread of the inference service: ours.ts <model>
 * <texts.json>. peers/sentiment.py does the same.
 */
const [place, file] = process.argv.slice(2);
const texts = JSON.parse(readFileSync(file, "utf8")) as string[];
const own = { "inference.model": place, "inference.threads": 1, "inference.batchMs": 0 };
const settings = { ...(Value.Default(Settings, {}) as Settings), ...own };
const folder = await openFolder(settings, place);
const model = await loadModel(folder, settings, (await generationOf(folder))!, (error) => {
  throw error;
});

async function classifyAll(): Promise<number[]> {
  const chances: number[] = [];
  for (const text of texts) chances.push((await model.classify(text, () => true)).sentiment);
  return chances;
}

await classifyAll();
const { wall, cpu, peak, result } = await measure(classifyAll);
await model.close();
const milliseconds = (seconds: number) => (1000 * seconds) / texts.length;
console.log(JSON.stringify({ wall: milliseconds(wall), cpu: milliseconds(cpu), peak, chances: result }));
