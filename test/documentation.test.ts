import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";

const pages = globSync(["*.md", "docs/*.md", "*/README.md", "test/*/README.md"]).sort();

it.each(pages)("the links of %s lead to files and headings that are there", (page) => {
  const links = [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(
    ([, link]) => link,
  );
  expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [file, heading] = link.split("#");
  const target = file === "" ? page : normalize(join(dirname(page), file));
  if (!existsSync(target)) return false;
  return heading === undefined || anchorsOf(readFileSync(target, "utf8")).includes(heading);
}

/** The names that GitHub gives to headings. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
