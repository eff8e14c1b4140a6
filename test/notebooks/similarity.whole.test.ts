import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { realData, smallShop, steamer } from "../cli/steamer.ts";
import { sparkEnvironment } from "../spark/job.ts";
import { temporaryFolder } from "../temporary.ts";
import { venv } from "../venv.ts";

const NOTEBOOKS = join(import.meta.dirname, "../../notebooks");
const NOTEBOOK = join(NOTEBOOKS, "similarity.ipynb");

interface Cell {
  cell_type: "code" | "markdown";
  execution_count?: number | null;
  outputs?: { name?: string; text?: string; data?: Record<string, string> }[];
}

/** Real interactions where they are, else a small shop's. */
function events(folder: string): string[] {
  const real = realData("retail_rocket_events.csv.gz");
  const file = join(folder, "events.csv");
  if (!real) writeFileSync(file, smallShop("2026-11-21"));
  return ["--events", real ?? file, "--days", "200"];
}

/** Runs all cells, from top to bottom, against a local Spark. It stops at the first error. */
async function executed(env: Record<string, string>): Promise<Cell[]> {
  const python = venv("spark", "spark-jobs/requirements-test.txt");
  const program = `
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=600, resources={"metadata": {"path": sys.argv[2]}}).execute()
print(nbformat.writes(notebook))`;
  const environment = { ...process.env, ...sparkEnvironment(python), ...env };
  const options = { env: environment, maxBuffer: 64 * 2 ** 20 };
  const { stdout } = await promisify(execFile)(python, ["-c", program, NOTEBOOK, NOTEBOOKS], options);
  return (JSON.parse(stdout) as { cells: Cell[] }).cells;
}

describe("The notebook of similar items", () => {
  it("runs from top to bottom, and ends with the table of the shop's night", async () => {
    const folder = temporaryFolder();
    const night = await steamer(folder, "nightly", "--shop", "tea", ...events(folder), "--als.factors", "0");
    expect(night).toMatchObject({ status: 0 });
    const cells = await executed({ STEAMER_DATA: join(folder, ".steamer"), STEAMER_SHOP: "tea" });
    const code = cells.filter(({ cell_type }) => cell_type === "code");
    const said = code.at(-1)!.outputs!.filter(({ name }) => name === "stdout");
    expect(said.map(({ text }) => text).join("")).toMatch(
      /^[\d,]+ lists with [\d,]+ neighbours: equal to the model/,
    );
    const plots = code.flatMap(({ outputs }) => outputs!).filter(({ data }) => data?.["image/png"]);
    expect(plots).toHaveLength(6);
  }, 600_000);

  it("is kept without outputs: they would show a shop's customers", () => {
    const { cells } = JSON.parse(readFileSync(NOTEBOOK, "utf8")) as { cells: Cell[] };
    for (const cell of cells.filter(({ cell_type }) => cell_type === "code"))
      expect(cell).toMatchObject({ outputs: [], execution_count: null });
  });
});
