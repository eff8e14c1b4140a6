import { mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { openAheadFolder } from "../../../../adapters/local/export/ahead-folder.ts";
import { temporaryFolder } from "../../../temporary.ts";

it("A folder for what is read ahead takes the place of those that dead nights have left", async () => {
  const root = join(temporaryFolder(), "data");
  const isAlive = (owner: string) => owner === "my-host:1.7";
  const [alive, dead] = [
    await openAheadFolder(root, "my-host:1.7", isAlive),
    await openAheadFolder(root, "my-host:2", isAlive),
  ];
  mkdirSync(join(dead, "spill"));
  mkdirSync(join(root, "shops"));
  const next = await openAheadFolder(root, "my-host:1.7", isAlive);
  expect(readdirSync(root).sort()).toEqual([basename(alive), basename(next), "shops"].sort());
});
