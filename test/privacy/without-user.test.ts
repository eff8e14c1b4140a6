import { expect, it } from "vitest";
import { decodingUserFactors, type FactorUsers } from "../../core/factors/decode-factors.ts";
import { encodeUserFactors } from "../../core/factors/encode-factors.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import { withoutUser } from "../../core/factors/without-user.ts";
import { atOnce } from "../../core/model/decode.ts";
import { madeModel, USERS } from "../personalizer/shop.ts";

const { factors } = await madeModel();
const open = (bytes: Uint8Array) => atOnce(decodingUserFactors(bytes)) as FactorUsers;

/** All that a file has of a user. */
function all(users: FactorUsers, id: string) {
  const row = users.find(id);
  const { histories, bought } = users;
  const [from, to] = [histories.offset[row], histories.offset[row + 1]];
  return {
    id: users.idOf(row),
    vector: [...rowOf(users.factors, row)],
    items: [...histories.item.subarray(from, to)],
    weights: [...histories.weight.subarray(from, to)],
    bought: [...bought.item.subarray(bought.offset[row], bought.offset[row + 1])],
  };
}

it.each([USERS[0], USERS[13], USERS.at(-1)!])("a file without %s has all others as they were", (gone) => {
  const before = open(factors.users);
  const after = open(encodeUserFactors(withoutUser(before, before.find(gone))));
  expect(after.find(gone)).toBe(-1);
  for (const user of USERS.filter((user) => user !== gone))
    expect(all(after, user)).toEqual(all(before, user));
});

it("a file may come to have nobody", () => {
  let users = open(factors.users);
  for (const user of USERS) users = open(encodeUserFactors(withoutUser(users, users.find(user))));
  expect(users.factors.rows).toBe(0);
});
