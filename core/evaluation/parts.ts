import { popularityOrder } from "../ranking/popular.ts";
import { evaluate, meanOf, type Gain, type Quality, type TestUser } from "./quality.ts";

/** A user of a test, and the items that they were recommended, best first. */
export type Answered = Pick<TestUser, "history" | "targets"> & { list: readonly number[] };

/** The figures of a part of the users, or of a part of their targets. */
export interface Part {
  name: string;
  users: number;
  targets: number;
  recall10: Quality["recall10"];
  ndcg10: Gain;
}

/** The number of distinct items in a history: from, to. */
const LENGTHS = [
  [1, 2],
  [3, 9],
  [10, 99],
  [100, Infinity],
];

/** The figures of users with histories of like length, the shortest first. */
export function byLength(answered: readonly Answered[]): Part[] {
  const parts = LENGTHS.map(([from, to]) => {
    const own = answered.filter(({ history }) => {
      const { size } = new Set(Object.values(history).flat());
      return size >= from && size <= to;
    });
    return partOf(to === Infinity ? `${from} and more` : `${from} to ${to}`, own);
  });
  return parts.filter(({ users }) => users > 0);
}

/** An item of fewer users is of the tail, unless it is of the head. */
export const TAIL_USERS = 10;

/**
 * The figures of targets that are about as popular as each other, as if these were all targets.
 * Head: the most popular items, with half of all pairs of a user and an item. Tail: items with
 * fewer than `TAIL_USERS` users. Targets that training does not know are of no part.
 * @param users the number of each item's users
 */
export function byTarget(answered: readonly Answered[], users: ArrayLike<number>): Part[] {
  const head = headOf(users);
  const nameOf = (item: number) => (head.has(item) ? "head" : users[item] < TAIL_USERS ? "tail" : "middle");
  const parts = ["head", "middle", "tail"].map((name) => {
    const own = answered.map((user) => {
      return { ...user, targets: user.targets.filter((item) => item >= 0 && nameOf(item) === name) };
    });
    return partOf(
      name,
      own.filter(({ targets }) => targets.length > 0),
    );
  });
  return parts.filter((part) => part.users > 0);
}

function headOf(users: ArrayLike<number>): Set<number> {
  const half = Array.from(users).reduce((sum, n) => sum + n, 0) / 2;
  const head = new Set<number>();
  let pairs = 0;
  for (const item of popularityOrder(users)) {
    if (pairs >= half) break;
    head.add(item);
    pairs += users[item];
  }
  return head;
}

function partOf(name: string, answered: Answered[]): Part {
  const scored = ({ list }: Answered) => list.map((item, k) => ({ item, score: -k }));
  const { quality, each } = evaluate(answered, 0, scored);
  const targets = answered.reduce((sum, user) => sum + user.targets.length, 0);
  return { name, users: answered.length, targets, recall10: quality.recall10, ndcg10: meanOf(each) };
}
