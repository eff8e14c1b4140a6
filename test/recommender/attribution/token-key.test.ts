import { readdirSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { readTokenKey } from "../../../recommender/attribution/token-key.ts";
import { temporaryFolder } from "../../temporary.ts";

// A file system without links is not at hand everywhere.
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: () => Promise.reject(Object.assign(new Error("no links here"), { code: "EPERM" })),
}));

it("a secret of tokens that cannot be put in its place leaves no copy of itself", async () => {
  const data = temporaryFolder();
  await expect(readTokenKey({ data, shop: "toys" })).rejects.toThrow("no links here");
  expect(readdirSync(data)).toEqual([]);
});
