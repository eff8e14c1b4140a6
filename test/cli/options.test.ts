import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SETTING_GROUPS, SETTING_NAMES } from "../../contracts/settings/settings.ts";
import { generatedFiles } from "../../cli/generate.ts";

describe("settings", () => {
  it("are each offered by exactly one group of options", () => {
    expect(Object.values(SETTING_GROUPS).flatMap(Object.keys).sort()).toEqual([...SETTING_NAMES].sort());
  });
});

describe("generated files", async () => {
  it.each(Object.entries(await generatedFiles()))("%s is fresh (npm run generate)", (path, content) => {
    expect(readFileSync(path, "utf8")).toBe(content);
  });
});
