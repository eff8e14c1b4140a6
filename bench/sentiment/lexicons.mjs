/** Scores texts by word lists of npm, installed beside this file: lexicons.mjs <texts.json>. */
import { readFileSync } from "node:fs";
import Afinn from "sentiment";
import wink from "wink-sentiment";

const afinn = new Afinn();
const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const scores = {
  "wink-sentiment": texts.map((text) => wink(text).score),
  AFINN: texts.map((text) => afinn.analyze(text).score),
};
console.log(JSON.stringify(scores));
