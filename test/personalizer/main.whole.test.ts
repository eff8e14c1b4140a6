import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { freePort } from "../stand-ins/platform/child.ts";
import { temporaryFolder } from "../temporary.ts";
import { clientTo } from "./served.ts";
import { publishPersonal } from "./shop.ts";

const folder = temporaryFolder();
await publishPersonal(fileObjects(folder), "2026-11-20.1");

describe("the container's entry", () => {
  it("answers on $PORT, logs what Cloud Logging reads, and ends on SIGTERM", async () => {
    const port = await freePort();
    const { PATH = "" } = process.env;
    const env = { PATH, PORT: `${port}`, STEAMER_DATA: folder, STEAMER_SHOP: "toys" };
    const child = spawn(process.execPath, ["--no-warnings", "personalizer/main.ts"], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = text(child.stdout);
    const ended = once(child, "exit");
    const { recommend, health } = clientTo({ address: `127.0.0.1:${port}` });
    await expect.poll(() => health().catch(() => "none"), { timeout: 20_000 }).toBe("SERVING");
    expect((await recommend({ user: "user-4" })).model).toBe("2026-11-20.1");
    child.kill("SIGTERM");
    expect((await ended)[0]).toBe(0);
    const [first] = (await output).split("\n").map((line) => (line ? (JSON.parse(line) as object) : null));
    expect(first).toMatchObject({ severity: "INFO", message: "a new model answers", shop: "toys" });
  });
});
