import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const WIDTH = 100;
/** Types in comments, which cannot be wrapped everywhere, and addresses. */
const UNWRAPPABLE = /@type|@param|https?:/;

it("Comments are at most a hundred columns wide", () => {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.js"], { encoding: "utf8" }).trim().split("\n");
  const wide = files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line, k) => ({ line, place: `${file}:${k + 1}` }))
      .filter(({ line }) => /^\s*(\/\/|\/?\*)/.test(line) && line.length > WIDTH && !UNWRAPPABLE.test(line)),
  );
  expect(wide.map(({ place }) => place)).toEqual([]);
});
