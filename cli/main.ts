import { problemOf } from "./problem-of.ts";
import { programOf } from "./program.ts";

try {
  const program = await programOf(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const problem = problemOf(error);
  if (!problem) throw error;
  process.stderr.write(`\n${problem.message}\n`);
  process.exitCode = 1;
}
