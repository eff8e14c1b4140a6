import { expect, it } from "vitest";
import type { Rating } from "../../../contracts/http/rating.ts";
import { Ratings } from "../../../recommender/reviews/ratings.ts";

const rating = (reviews: number): Rating => ({ stars: 4, reviews, sentiment: null });
type Change = [item: string, rating: Rating | null];
const tell = (ratings: Ratings, ...changes: Change[]) =>
  ratings.refresh(() => Promise.resolve({ changes, until: "1", hasMore: false }));

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

it("ask for what has changed since the last answer, part by part, and go on after a failure", async () => {
  const ratings = new Ratings();
  const asked: (string | undefined)[] = [];
  const parts: [item: string, hasMore: boolean][] = [
    ["tent", true],
    ["fails", true],
    ["mug", true],
    ["axe", false],
    ["rope", false],
  ];
  const read = async (since?: string) => {
    asked.push(since);
    const [item, hasMore] = parts.shift()!;
    if (item === "fails") throw new Error("no answer");
    return { changes: [[item, rating(1)] as Change], until: item, hasMore };
  };
  await expect(ratings.refresh(read)).rejects.toThrow("no answer");
  await ratings.refresh(read);
  await ratings.refresh(read);
  expect(asked).toEqual([undefined, "tent", "tent", "mug", "axe"]);
  expect(ratings.size).toBe(4);
});
