/**
 * An inference service in a process of its own, to be stopped and killed: it listens at the port
 * that it is given, takes its time, and prints each text that it classifies, as a line of JSON.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { classified, startClassifier } from "../stand-in-classifier.ts";

const [, , port] = process.argv;
let answers = 0;

await startClassifier(async ({ request: { text } }) => {
  // Every tenth text takes a while.
  await sleep(answers++ % 10 === 0 ? 30 : 1);
  console.log(JSON.stringify(text));
  return classified(sentimentOf(text));
}, Number(port));
console.log("ready");

/** Another one for each number that the text ends with. */
function sentimentOf(text: string): number {
  return (Number(/\d*$/.exec(text)![0]) % 100) / 100;
}
