import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "./temporary.ts";

interface Locked {
  optionalDependencies?: Record<string, string>;
}

it("the lock file has the binaries of every platform: without them `npm ci` fails, and other machines have none", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, Locked>;
  };
  const locked = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
});

/** An npm that runs these tests hands its settings on. */
const withoutNpm = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith("npm_")));

it("npm has no warning but those that .npmrc keeps quiet", () => {
  const folder = temporaryFolder();
  const parts = ["functions", "inference", "personalizer", "recommender"].map(
    (part) => `${part}/package.json`,
  );
  const files = ["package.json", "package-lock.json", ...parts];
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(path, join(folder, path));
  }
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const args = ["ci", "--dry-run", "--offline", "--loglevel=warn"];
  const { status, stderr } = spawnSync("npm", args, {
    cwd: folder,
    env: { ...withoutNpm(process.env), PATH },
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  // Of these npm speaks only when it unpacks them.
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"deprecated"');
});
