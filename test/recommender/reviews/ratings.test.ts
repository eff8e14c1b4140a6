import { expect, it } from "vitest";
import type { Rating } from "../../../contracts/http/rating.ts";
import { Ratings } from "../../../recommender/reviews/ratings.ts";

const rating = (reviews: number): Rating => ({ stars: 4, reviews, sentiment: null });
type Change = [item: string, rating: Rating | null];
const tell = (ratings: Ratings, ...changes: Change[]) =>
  ratings.refresh(() => Promise.resolve({ changes, until: "1" }));

it("have a version for what they are, whatever came before, in whatever order, and however often", async () => {
  const [a, b] = [new Ratings(), new Ratings()];
  const before = a.version;
  await tell(a, ["tent", rating(1)], ["mug", rating(2)]);
  const two = a.version;
  await tell(a, ["mug", rating(2)], ["tent", rating(1)]);
  expect(a.version).toBe(two);
  await tell(b, ["mug", rating(2)], ["axe", rating(1)], ["tent", rating(7)]);
  await tell(b, ["axe", null], ["rope", null], ["tent", rating(1)]);
  expect(b.version).toBe(two);
  const other = new Ratings();
  await tell(other, ["tent", rating(2)], ["mug", rating(1)]);
  expect(new Set([before, two, other.version]).size).toBe(3);
  await tell(a, ["tent", null], ["mug", null]);
  expect(a.version).toBe(before);
});

it("ask for what has changed since the last answer", async () => {
  const ratings = new Ratings();
  const asked: (string | undefined)[] = [];
  for (const until of ["5", "9"])
    await ratings.refresh((since) => {
      asked.push(since);
      return Promise.resolve({ changes: [], until });
    });
  expect(asked).toEqual([undefined, "5"]);
});
