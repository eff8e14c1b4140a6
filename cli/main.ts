import { problemOf } from "./problem-of.ts";
import { programOf } from "./program.ts";
import { tell } from "./print.ts";

try {
  const program = await programOf(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const problem = problemOf(error);
  if (!problem) throw error;
  tell(`\n${problem.message}\n`);
  process.exitCode = 1;
}
