import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { memoryObjects } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { venv } from "../venv.ts";
import { clientTo, started } from "./served.ts";
import { publishPersonal } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const server = await started(objects);
const { recommend, popular } = clientTo(server);
const known = await recommend({ user: "user-4", n: 3 });
const best = (await popular({ n: 2 })).results;

/** A program's output, as JSON. This process serves meanwhile. */
async function run(command: string, args: string[], cwd = "."): Promise<unknown> {
  return JSON.parse((await promisify(execFile)(command, args, { cwd })).stdout);
}

it("a Python client with stubs of the contract gets the same answers", async () => {
  const python = venv("stand-ins", "test/stand-ins/requirements.txt");
  const stubs = temporaryFolder();
  const options = ["-I", "contracts/proto", `--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  await promisify(execFile)(python, ["-m", "grpc_tools.protoc", ...options, "personalizer.proto"]);
  expect(await run(python, ["test/personalizer/client.py", stubs, server.address])).toEqual({
    model: MODEL,
    items: known.results.map(({ item }) => item),
    because: known.results.map(({ because }) => because),
    new: expect.arrayContaining([expect.stringMatching(/^ink-/)]),
    popular: best.map(({ item, score }) => [item, score]),
    predicted: [true, false],
    healthy: true,
    unknown: ["FAILED_PRECONDITION", expect.stringContaining("GetPopular")],
  });
});

const hasGo = spawnSync("go", ["version"]).status === 0;

describe.skipIf(!hasGo)("where Go is installed", () => {
  it("a Go client, which learns the contract by reflection, gets the same answers", async () => {
    const found = await run("go", ["run", ".", server.address], "test/personalizer/go");
    expect(found).toEqual({
      known: { model: MODEL, results: known.results },
      popular: { model: MODEL, results: best.map(({ item, score }) => ({ item, score })) },
      predicted: [
        { user: "user-4", item: "ink-0", score: expect.any(Number) },
        { user: "somebody", item: "ink-0" },
      ],
      health: "SERVING",
      unknown: "FailedPrecondition",
    });
  });
});
