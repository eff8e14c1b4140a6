import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { exportName, paths } from "../contracts/layout.ts";

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

it("the paths that docs/ARCHITECTURE.md shows are those of contracts/layout.ts", () => {
  const attempt = "<attempt>" as unknown as number;
  const [shop, run] = ["<shop>", "<run>"];
  const similarity = paths.similarity(shop, run, attempt);
  const exported = paths.exportOf("<day>", exportName(run, attempt));
  const made = [
    paths.interactions(shop) + exported,
    paths.items(shop) + exported,
    paths.reviewRowsOf(shop, exportName(run, attempt)),
    paths.manifest(shop, run),
    paths.rejects(shop, run, attempt),
    similarity.neighbours,
    similarity.catalogue,
    similarity.scopeItems,
    similarity.buyers,
    similarity.userFactors,
    similarity.itemFactors,
    paths.load(shop, run, attempt).snapshot,
    paths.stockFile(shop, "<hash>"),
    paths.pointer(shop),
    paths.blockList(shop),
    paths.stock(shop),
    paths.keys(shop),
    paths.erased(shop),
    paths.settings(shop),
    paths.tuned(shop),
    paths.study(shop, "<table>"),
    paths.tuningReport(shop),
  ];
  const page = readFileSync("docs/ARCHITECTURE.md", "utf8");
  const shown = [...page.matchAll(/^ {4}(shops\/\S+)/gm)].map(([, path]) => path.replace("*.parquet", ""));
  expect(shown.sort()).toEqual(made.sort());
});
