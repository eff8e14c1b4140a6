import { Problem } from "../contracts/problem.ts";

/** What errors from outside tell of themselves, whoever made them. */
interface Outside extends Error {
  code?: string | number;
  /** Of an answer over HTTP. */
  status?: number;
  syscall?: string;
  path?: string;
}

/** An error from outside: how it is recognized, and what a person hears of it. */
interface Rule {
  is(error: Outside): boolean;
  says(error: Outside): { doing: string; why: string; next: string };
}

const NETWORK = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)$/;
const LOGGED_OUT =
  /Could not load the default credentials|GOOGLE_APPLICATION_CREDENTIALS|invalid_grant|invalid_client|invalid_rapt/;
const OPTIONAL = /@google-cloud\/[a-z]+|onnxruntime-node|@huggingface\/tokenizers/;

const hasCode = ({ code }: Outside, ...codes: (string | number)[]) => codes.includes(code ?? "");

/** The first rule that fits counts. */
const RULES: Rule[] = [
  {
    is: (error) => hasCode(error, "ERR_MODULE_NOT_FOUND") && OPTIONAL.test(error.message),
    says: ({ message }) => notInstalled(OPTIONAL.exec(message)![0]),
  },
  {
    is: ({ message }) => LOGGED_OUT.test(message),
    says: ({ message }) => ({
      doing: "Working on Google Cloud",
      why: firstLine(message),
      next: "log in: gcloud auth application-default login",
    }),
  },
  {
    is: ({ code }) => NETWORK.test(String(code)),
    says: ({ message }) => ({
      doing: "Working over the network",
      why: firstLine(message),
      next: "look at the network, a proxy's settings (HTTPS_PROXY), and `endpoints` if it is set",
    }),
  },
  {
    is: (error) => hasCode(error, 401, 403, "401", "403") || [401, 403].includes(error.status ?? 0),
    says: ({ message }) => ({
      doing: "Working on Google Cloud",
      why: firstLine(message),
      next: "log in as somebody who may, or ask to be added to `operators` of the settings file",
    }),
  },
  {
    is: (error) => hasCode(error, 404, "404") || error.status === 404,
    says: ({ message }) => ({
      doing: "Working on Google Cloud",
      why: firstLine(message),
      next: "check the names of the project, the buckets and the shop",
    }),
  },
  {
    is: (error) => error.syscall?.startsWith("spawn") === true && hasCode(error, "ENOENT"),
    says: ({ path }) => ({
      doing: `Starting ${path}`,
      why: "there is no such program here",
      next: `install it, or add its folder to PATH`,
    }),
  },
  {
    is: (error) => hasCode(error, "ENOSPC", "EDQUOT") || /No space left on device/.test(error.message),
    says: ({ message }) => ({
      doing: "Writing files",
      why: `the disk is full: ${firstLine(message)}`,
      next: "make room, or choose another --data; then run the command again: nothing is lost",
    }),
  },
  {
    is: (error) => hasCode(error, "EACCES", "EPERM", "EROFS"),
    says: ({ message }) => ({
      doing: "Working with files",
      why: firstLine(message),
      next: "take a path that you may read and write, or mend its permissions",
    }),
  },
  {
    is: ({ code, syscall }) => code !== undefined && syscall !== undefined,
    says: ({ message }) => ({
      doing: "Working with files",
      why: firstLine(message),
      next: "check the path, its permissions and the space on its disk, then run the command again",
    }),
  },
];

/**
 * An error as people may read it. Errors from outside (a full disk, no network, nobody logged in)
 * are for them too.
 * @returns null for a defect.
 */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return null;
  const rule = RULES.find((each) => each.is(error as Outside));
  return rule ? new Problem({ ...rule.says(error as Outside), cause: error }) : null;
}

const firstLine = (text: string) => text.split("\n")[0]!;

/** Who stays on one machine needs no clients of Google; who has no model for texts, no engine. */
function notInstalled(name: string) {
  const isCloud = name.startsWith("@google-cloud/");
  const doing = isCloud ? "Working on Google Cloud" : "Classifying texts";
  const next = isCloud ? `npm install ${name}` : "npm install onnxruntime-node @huggingface/tokenizers";
  return { doing, why: `${name} is not installed`, next };
}
