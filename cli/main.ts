import { Command } from "commander";
import { packageVersion } from "../adapters/version.ts";
import { Problem } from "../contracts/problem.ts";
import { addCost } from "./commands/cost.ts";
import { addDemo } from "./commands/demo.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addKeys } from "./commands/keys.ts";
import { addModels } from "./commands/models.ts";
import { addNightly } from "./commands/nightly.ts";
import { addOperate } from "./commands/operate.ts";
import { addPersonalizer } from "./commands/personalizer.ts";
import { addRecommend } from "./commands/recommend.ts";
import { addRuns } from "./commands/runs.ts";
import { addServe } from "./commands/serve.ts";
import { addTakedown } from "./commands/takedown.ts";

const program = new Command("steamer")
  .description(
    "Customers who liked this also liked: recommendations, recomputed every night and served all day.",
  )
  .version(packageVersion());

addDemo(program);
addNightly(program);
addServe(program);
addPersonalizer(program);
addRecommend(program);
addEvaluate(program);
addModels(program);
addTakedown(program);
addKeys(program);
addRuns(program);
addOperate(program);
addCost(program);

try {
  await program.parseAsync();
} catch (error) {
  const problem = asProblem(error);
  process.stderr.write(`\n${problem.message}\n`);
  process.exitCode = 1;
}

/**
 * Errors from outside (a full disk, a folder without permission) are for people too; others are
 * defects.
 */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const sdk = code === "ERR_MODULE_NOT_FOUND" && /@google-cloud\/[a-z]+/.exec(message)?.[0];
  if (sdk) return notInstalled(sdk, error);
  if (!code || !syscall) throw error;
  const next = "check the path, its permissions and the space on its disk, then run the command again";
  return new Problem({ doing: "Working with files", why: message, next, cause: error });
}

/** Users who stay on one machine need not install Google's clients. */
function notInstalled(sdk: string, cause: unknown): Problem {
  const next = `npm install ${sdk}`;
  return new Problem({ doing: "Working on Google Cloud", why: `${sdk} is not installed`, next, cause });
}
