import { Problem } from "../contracts/problem.ts";
import { programOf } from "./program.ts";

try {
  const program = await programOf(process.argv[2]);
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
