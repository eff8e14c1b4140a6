import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary.ts";

interface Package {
  engines: { node: string };
  devEngines: { runtime: { version: string } };
  devDependencies: Record<string, string>;
}

const read = (path: string) => readFileSync(path, "utf8");
const readPackage = (path: string) => JSON.parse(read(path)) as Package;
const project = readPackage("package.json");

/** The Node that `npm ci` brings, its major version, and the oldest Node that may run `npm ci`. */
const exact = project.devDependencies["node"];
const [major] = exact.split(".");
const [oldest] = /\d+/.exec(project.devEngines.runtime.version)!;

const matches = (path: string, pattern: RegExp) => [...read(path).matchAll(pattern)].map(([, it]) => it);

describe("the version of Node", () => {
  it("is the same for the package, the functions, the services and the types", () => {
    for (const folder of [".", "functions", "personalizer", "recommender"])
      expect(readPackage(join(folder, "package.json")).engines.node).toBe(`>=${major}`);
    expect(project.devDependencies["@types/node"].split(".")[0]).toBe(major);
  });

  it("is the same in images, builds and deployments", () => {
    const images = ["serving/Dockerfile", "cloudbuild.yaml"].flatMap((path) =>
      matches(path, /\bnode:([\d.]+)/g),
    );
    expect(new Set(images)).toEqual(new Set([exact]));
    const runtimes = globSync("infra/**/*.ts").flatMap((path) => matches(path, /\bnodejs(\d+)/g));
    expect(new Set(runtimes)).toEqual(new Set([major]));
  });

  it("is the same on every page for people, beside the oldest one that may begin", () => {
    for (const path of ["README.md", "CONTRIBUTING.md", "docs/OPERATIONS.md", "infra/README.md"])
      for (const said of matches(path, /\bNode(?:\.js)? v?(\d+)/g)) expect([major, oldest]).toContain(said);
    expect(read("README.md")).toContain(`Node ${oldest} or newer (Node ${major} comes along)`);
  });
});

it("commands that people are told run on the Node that `npm ci` brings", () => {
  const skipped = /^(node_modules|dist|coverage|\.cache)$/;
  const exclude = (path: string) => path.split("/").some((name) => skipped.test(name));
  for (const path of globSync("**/*.{md,ts,js,yaml,sh,Dockerfile}", { exclude }))
    expect([path, matches(path, /(?<!npx )\b(node [\w./-]+\.ts\b)/g)]).toEqual([path, []]);
});

describe("steamer on an older Node", () => {
  const folder = temporaryFolder();
  const version = `v${oldest}.9.0`;
  // As far as a program can see, this is that Node.
  const asOld = `Object.defineProperty(process, "version", { value: "${version}" });
    Object.defineProperty(process, "versions", { value: { node: "${version.slice(1)}" } });`;
  const run = (command: string) =>
    spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(asOld)}`, command, "--version"],
      { encoding: "utf8" },
    );

  it("says in a checkout how to come by a newer one", () => {
    expect(run("bin/steamer.js")).toMatchObject({
      status: 1,
      stdout: "",
      stderr:
        `Starting steamer: it runs on Node ${major} or newer, and this is ${version}\n` +
        "  Next: run npm ci, whose scripts bring one along, and then npm start or npx steamer, which find it\n",
    });
  });

  it("says where it is installed which one to install", () => {
    const installed = join(folder, "node_modules/steamer");
    mkdirSync(join(installed, "bin"), { recursive: true });
    for (const path of ["package.json", "bin/steamer.js"]) copyFileSync(path, join(installed, path));
    const { status, stderr } = run(join(installed, "bin/steamer.js"));
    expect(status).toBe(1);
    expect(stderr).toContain(`Next: install Node ${major} from https://nodejs.org`);
  });
});
