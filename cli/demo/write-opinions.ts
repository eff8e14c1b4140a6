import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeOpinions } from "./opinions.ts";
import { checkSize, type DemoSize } from "./size.ts";

/** For `steamer evaluate`: `--reviews`, and `--test`. */
const FILES = { reviews: "reviews.csv", liked: "liked.csv" };

/** Writes what the customers of a demo shop think, as two CSV files. */
export async function writeOpinions(folder: string, size: DemoSize): Promise<void> {
  checkSize(size);
  const { reviews, liked } = makeOpinions(size);
  await mkdir(folder, { recursive: true });
  const rows = reviews.map(({ user, item, stars, sentiment }) => [user, item, stars, sentiment ?? ""]);
  await writeFile(join(folder, FILES.reviews), csv(["user", "item", "stars", "sentiment"], rows));
  const wishes = liked.map(({ user, item }) => [user, item]);
  await writeFile(join(folder, FILES.liked), csv(["user", "item"], wishes));
}

/** Ids of a demo shop need no quotes. */
const csv = (names: string[], rows: (string | number)[][]) =>
  [names, ...rows].map((row) => `${row.join(",")}\n`).join("");
