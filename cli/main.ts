import { Command } from "commander";
import { Problem } from "../contracts/problem.ts";
import { addDemo } from "./commands/demo.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addModels } from "./commands/models.ts";
import { addNightly, NightFailed, packageVersion } from "./commands/nightly.ts";
import { addRecommend } from "./commands/recommend.ts";
import { addServe } from "./commands/serve.ts";

const program = new Command("steamer")
  .description(
    "Customers who liked this also liked: recommendations, recomputed every night and served all day.",
  )
  .version(packageVersion());

addDemo(program);
addNightly(program);
addServe(program);
addRecommend(program);
addEvaluate(program);
addModels(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Problem || error instanceof NightFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
