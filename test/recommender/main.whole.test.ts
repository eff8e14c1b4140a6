import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { freePort } from "../stand-ins/platform/child.ts";
import { temporaryFolder } from "../temporary.ts";
import { publishSnapshot } from "../published.ts";

const folder = temporaryFolder();

/** The container's process: settings from the environment alone. */
function start(env: Record<string, string>) {
  const entry = ["--no-warnings", "recommender/main.ts"];
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, entry, {
    env: { PATH, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, output: text(child.stdout), ended: once(child, "exit") as Promise<[number | null]> };
}

const lines = (output: string) =>
  output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("the container's entry", () => {
  it("answers on $PORT, logs what Cloud Logging reads, and ends on SIGTERM", async () => {
    await publishSnapshot(fileObjects(folder), "2026-11-20.1");
    const port = await freePort();
    const { child, output, ended } = start({ PORT: `${port}`, STEAMER_DATA: folder, STEAMER_SHOP: "toys" });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await expect
      .poll(
        () =>
          get("/readyz").then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
    expect(await (await get("/make_recommendation")).json()).toMatchObject({ model: "2026-11-20.1" });
    child.kill("SIGTERM");
    expect((await ended)[0]).toBe(0);
    const [first] = lines(await output);
    expect(first).toMatchObject({
      severity: "INFO",
      message: "a new model answers",
      shop: "toys",
      model: "2026-11-20.1",
    });
    expect(Date.parse(first["time"] as string)).toBeGreaterThan(0);
  });

  it("says in the log why it cannot start", async () => {
    const { output, ended } = start({ STEAMER_STORE: "datastore", STEAMER_DATA: folder });
    expect((await ended)[0]).toBe(1);
    expect(lines(await output)).toEqual([
      { severity: "CRITICAL", message: expect.stringContaining("no project is named") },
    ]);
  });
});
