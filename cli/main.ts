import { Command } from "commander";
import { packageVersion } from "../adapters/version.ts";
import { Problem } from "../contracts/problem.ts";
import { addCatalogue } from "./commands/catalogue.ts";
import { addCost } from "./commands/cost.ts";
import { addDemo } from "./commands/demo.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addInference } from "./commands/inference.ts";
import { addKeys } from "./commands/keys.ts";
import { addModels } from "./commands/models.ts";
import { addNightly } from "./commands/nightly.ts";
import { addOperate } from "./commands/operate.ts";
import { addPersonalizer } from "./commands/personalizer.ts";
import { addRecommend } from "./commands/recommend.ts";
import { addReviews } from "./commands/reviews.ts";
import { addRuns } from "./commands/runs.ts";
import { addServe } from "./commands/serve.ts";
import { addTakedown } from "./commands/takedown.ts";
import { addUser } from "./commands/user.ts";

const program = new Command("steamer")
  .description(
    "Customers who liked this also liked: recommendations, recomputed every night and served all day.",
  )
  .version(packageVersion());

addDemo(program);
addNightly(program);
addServe(program);
addPersonalizer(program);
addInference(program);
addRecommend(program);
addEvaluate(program);
addModels(program);
addCatalogue(program);
addTakedown(program);
addKeys(program);
addUser(program);
addReviews(program);
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
  const missing =
    code === "ERR_MODULE_NOT_FOUND" &&
    /@google-cloud\/[a-z]+|onnxruntime-node|@huggingface\/tokenizers/.exec(message)?.[0];
  if (missing) return notInstalled(missing, error);
  if (!code || !syscall) throw error;
  const next = "check the path, its permissions and the space on its disk, then run the command again";
  return new Problem({ doing: "Working with files", why: message, next, cause: error });
}

/** Who stays on one machine needs no clients of Google; who has no model for texts, no engine. */
function notInstalled(name: string, cause: unknown): Problem {
  const isCloud = name.startsWith("@google-cloud/");
  const doing = isCloud ? "Working on Google Cloud" : "Classifying texts";
  const next = isCloud ? `npm install ${name}` : "npm install onnxruntime-node @huggingface/tokenizers";
  return new Problem({ doing, why: `${name} is not installed`, next, cause });
}
