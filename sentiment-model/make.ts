import { Problem } from "../contracts/problem.ts";
import { defaultsOf } from "../contracts/settings/settings.ts";
import { makeSentimentModel, sentimentPython } from "./python.ts";

/** `npm run model:sentiment [-- <folder>]`: makes the default sentiment model. See README.md. */
try {
  console.log("Looking for Python and MiniLM's weights (the first time 130 MB are fetched) ...");
  const folder = process.argv[2] ?? defaultsOf(["inference.model"])["inference.model"];
  makeSentimentModel(sentimentPython(), folder);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
