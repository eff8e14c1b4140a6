import { Command } from "commander";
import { Problem } from "../contracts/problem.ts";
import { addDemo } from "./commands/demo.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addModels } from "./commands/models.ts";
import { addNightly, packageVersion } from "./commands/nightly.ts";
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
  const problem = asProblem(error);
  process.stderr.write(`\n${problem.message}\n`);
  process.exitCode = 1;
}

/** What goes wrong outside (a full disk, a folder one may not write) is for people too; the rest is a defect. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (!code || !syscall) throw error;
  const next = "check the path, its permissions and the space on its disk, then run the command again";
  return new Problem({ doing: "Working with files", why: message, next, cause: error });
}
