import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FUNCTIONS, OPTIONAL_FUNCTIONS } from "../../contracts/google-names.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { LIVENESS } from "../../contracts/health.ts";
import { assemble, contentsOf, type Deployable } from "../../infra/assemble.ts";
import { madeModels } from "../inference/models.ts";
import { clientTo as textClientTo } from "../inference/served.ts";
import { clientTo } from "../personalizer/served.ts";
import { publishPersonal } from "../personalizer/shop.ts";
import { publishSnapshot } from "../published.ts";
import { freePort } from "../stand-ins/platform/child.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children.filter(({ exitCode }) => exitCode === null)) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  // Removing thousands of small files takes longer than a hook's default limit.
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** Assembles as a deployment does, then installs as the build of the image or the function does. */
async function install(name: Deployable): Promise<string> {
  const target = join(folder, name);
  await assemble(name, target);
  execFileSync("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: target });
  return target;
}

/** Starts a program below the folder; returns its host and port. */
async function begin(cwd: string, words: string[], env: Record<string, string>): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, words, {
    cwd,
    env: { PATH: process.env["PATH"], NODE_ENV: "production", PORT: `${port}`, ...env },
    stdio: "ignore",
  });
  children.push(child);
  return `127.0.0.1:${port}`;
}

/** The same for HTTP; returns the program's URL once it answers. */
async function start(cwd: string, words: string[], env: Record<string, string>): Promise<string> {
  const url = `http://${await begin(cwd, words, env)}`;
  const status = () =>
    fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
  await expect.poll(status, { timeout: 30_000 }).toBeGreaterThan(0);
  return url;
}

const DEVELOPMENT = [
  "typescript",
  "vitest",
  "oxlint",
  "prettier",
  "fast-check",
  "node",
  "playwright-core",
  "@google-cloud/scheduler",
];

describe("the recommender's image", () => {
  let target: string;
  beforeAll(async () => void (target = await install("recommender")), 300_000);

  it("answers from a model, with nothing but what is in its folder", async () => {
    const data = join(folder, "data");
    await publishSnapshot(fileObjects(data), "2026-11-20.1");
    const opsPort = await freePort();
    const env = { STEAMER_DATA: data, STEAMER_SHOP: "toys", STEAMER_OPS_PORT: `${opsPort}` };
    const url = await start(target, ["."], env);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await (await fetch(`${url}/make_recommendation`)).json()).toMatchObject({ model: "2026-11-20.1" });
    expect((await fetch(`http://127.0.0.1:${opsPort}/operator`)).status).toBe(200);
    expect((await fetch(`${url}/operator`)).status).toBe(404);
  });

  it("carries its own dependencies only", () => {
    const others = ["@google-cloud/dataproc", "@google-cloud/dataflow", "@google-cloud/bigquery"];
    const absent = [
      ...DEVELOPMENT,
      ...others,
      "@duckdb/node-api",
      "commander",
      "@google-cloud/functions-framework",
      "onnxruntime-node",
    ];
    expect(absent.filter((each) => existsSync(join(target, "node_modules", each)))).toEqual([]);
  });

  it("carries compiled code, and neither sources, tests nor the command", () => {
    const files = contentsOf(target, /^node_modules$/).map(([path]) => path);
    expect(files).toContain("Dockerfile");
    expect(files.filter((path) => path.endsWith(".ts"))).toEqual([]);
    expect(
      readdirSync(target).filter((each) => ["cli", "test", "bench", "functions"].includes(each)),
    ).toEqual([]);
  });
});

describe("the Personalizer's image", () => {
  let target: string;
  beforeAll(async () => void (target = await install("personalizer")), 300_000);

  it("answers from a model, with nothing but what is in its folder", async () => {
    const data = join(folder, "personal");
    await publishPersonal(fileObjects(data), "2026-11-20.1");
    const env = { STEAMER_DATA: data, STEAMER_SHOP: "toys" };
    const { health, recommend } = clientTo({ address: await begin(target, ["."], env) });
    await expect.poll(() => health().catch(() => "none"), { timeout: 30_000 }).toBe("SERVING");
    expect((await recommend({ user: "user-4" })).model).toBe("2026-11-20.1");
    // Cloud Run probes it by this name.
    expect(await health(LIVENESS)).toBe("SERVING");
  });

  it("carries its own dependencies only", () => {
    const absent = [
      ...DEVELOPMENT,
      "@google-cloud/datastore",
      "@duckdb/node-api",
      "fastify",
      "@bufbuild/buf",
    ];
    expect(absent.filter((each) => existsSync(join(target, "node_modules", each)))).toEqual([]);
    expect(existsSync(join(target, "Dockerfile"))).toBe(true);
  });
});

describe("the inference service's image", () => {
  let target: string;
  beforeAll(async () => void (target = await install("inference")), 300_000);

  it("answers from a model, with nothing but what is in its folder", async () => {
    const { folder } = await madeModels();
    const env = { STEAMER_INFERENCE_MODEL: join(folder, "two"), STEAMER_INFERENCE_THREADS: "1" };
    const { health, classify } = textClientTo({ address: await begin(target, ["."], env) });
    await expect.poll(() => health().catch(() => "none"), { timeout: 30_000 }).toBe("SERVING");
    expect((await classify("good")).model).toMatch(/^two@/);
  });

  it("carries its own dependencies only", () => {
    const absent = [...DEVELOPMENT, "@google-cloud/datastore", "@duckdb/node-api", "fastify", "apache-arrow"];
    expect(absent.filter((each) => existsSync(join(target, "node_modules", each)))).toEqual([]);
  });
});

describe("the functions' source", () => {
  let target: string;
  beforeAll(async () => void (target = await install("functions")), 300_000);

  it.each([...FUNCTIONS, ...OPTIONAL_FUNCTIONS])(
    "%s starts, and refuses who brings no token",
    async (name) => {
      const framework = "node_modules/@google-cloud/functions-framework/build/src/main.js";
      const env = { STEAMER_PROJECT: "p", STEAMER_DATA: "gs://d", STEAMER_POINTER: "gs://p" };
      const url = await start(target, [framework, `--target=${name}`, "--source=."], env);
      const body = JSON.stringify({ shop: "toys" });
      const { status } = await fetch(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      expect([401, 403]).toContain(status);
    },
  );

  it("carries its own dependencies only", () => {
    const absent = [...DEVELOPMENT, "fastify", "commander"];
    expect(absent.filter((each) => existsSync(join(target, "node_modules", each)))).toEqual([]);
  });
});
