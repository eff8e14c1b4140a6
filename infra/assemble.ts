/**
 * Makes a folder with exactly the content of a deployable: npx node infra/assemble.ts
 * functions|recommender|personalizer|inference <folder>
 */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Problem } from "../contracts/problem.ts";
import { pruneLock, type Lock } from "./lock.ts";

/** The deployables; the folder of each has a package.json with its dependencies. */
export const DEPLOYABLES = {
  functions: { entry: "functions/index.ts", others: [], folders: [] },
  recommender: {
    entry: "recommender/main.ts",
    others: ["serving/Dockerfile"],
    folders: ["recommender/page/browser"],
  },
  personalizer: { entry: "personalizer/main.ts", others: ["serving/Dockerfile"], folders: [] },
  inference: { entry: "inference/main.ts", others: ["serving/Dockerfile"], folders: [] },
} as const;
export type Deployable = keyof typeof DEPLOYABLES;

/** Declarations that hold everywhere, and that no file imports. */
const GLOBALS = "core/factors/webassembly.d.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * Compiles an entry point and its imports, and adds the dependencies of its package.json, at the
 * versions of the project's lock file. It deletes the folder's earlier content.
 * @throws Problem when it does not compile.
 */
export async function assemble(name: Deployable, folder: string, root = ROOT): Promise<void> {
  const { entry, others, folders } = DEPLOYABLES[name];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await compile(root, entry, folder);
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
  const manifest = { ...(read(join(name, "package.json")) as object), main: entry.replace(/\.ts$/, ".js") };
  writeJson(join(folder, "package.json"), manifest);
  writeJson(join(folder, "package-lock.json"), pruneLock(read("package-lock.json") as Lock, name, manifest));
  for (const path of others) copyFileSync(join(root, path), join(folder, path.split("/").at(-1)!));
  const isShipped = (path: string) => !path.endsWith("tsconfig.json");
  for (const path of folders)
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: isShipped });
}

const writeJson = (path: string, value: unknown) =>
  writeFileSync(path, JSON.stringify(value, null, 2) + "\n");

async function compile(root: string, entry: string, folder: string): Promise<void> {
  const doing = `Assembling ${entry}`;
  if (!existsSync(join(root, entry))) {
    throw new Problem({ doing, why: "it is not there", next: "work in a whole checkout of the project" });
  }
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    outDir: ".",
    rootDir: root,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Types are looked up beside the sources, not beside the output.
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeJson(config, {
    extends: join(root, "tsconfig.json"),
    compilerOptions,
    files: [entry, GLOBALS].map((path) => join(root, path)),
    include: [],
  });
  try {
    await promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", config]);
  } catch (cause) {
    const why = (cause as { stdout?: string }).stdout || (cause as Error).message;
    throw new Problem({ doing, why, next: "npm run check says the same, with the place", cause });
  } finally {
    rmSync(config);
  }
}

/** Every file below a folder, by path, with its content: the input of a stamp. */
export function contentsOf(
  folder: string,
  skip = /^(node_modules|__pycache__|tests?|\..*)$/,
): [string, string][] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skip.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): [string, string][] => {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return [[entry.name, readFileSync(path, "base64")]];
      return contentsOf(path, skip).map(([name, content]) => [`${entry.name}/${name}`, content]);
    });
}

if (import.meta.main) {
  const [name, folder] = process.argv.slice(2);
  if (!name || !(name in DEPLOYABLES) || !folder) {
    console.error(`usage: npx node infra/assemble.ts ${Object.keys(DEPLOYABLES).join("|")} <folder>`);
    process.exitCode = 2;
  } else {
    await assemble(name as Deployable, resolve(folder));
  }
}
