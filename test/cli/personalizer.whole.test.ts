import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { clientTo } from "../personalizer/served.ts";
import { publishPersonal } from "../personalizer/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { start } from "./steamer.ts";

const folder = temporaryFolder();
await publishPersonal(fileObjects(folder), "2026-11-20.1");

describe("steamer personalizer", () => {
  it("says where it answers, and from what", async () => {
    const args = ["personalizer", "--data", folder, "--shop", "toys", "--personalizer.port", "0"];
    const child = start(folder, args);
    const said = (await once(child.stdout!, "data"))[0] as Buffer;
    const [, address] = /answers at (\S+) from model 2026-11-20\.1\./.exec(said.toString())!;
    expect((await clientTo({ address }).popular({ n: 1 })).results.length).toBe(1);
    child.kill("SIGINT");
    expect((await child.finished).status).toBe(0);
  });

  it("says why it cannot start", async () => {
    const { status, stderr } = await start(folder, ["personalizer", "--personalizer.host", "256.1.1.1"])
      .finished;
    expect(status).toBe(1);
    expect(stderr).toContain("choose another --personalizer.host");
  });
});
