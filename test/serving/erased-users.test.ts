import { expect, it } from "vitest";
import { nameOnList } from "../../serving/erased-users.ts";
import { erasedCase } from "../golden.ts";

it("users are named as on the list", () => {
  for (const { user, name } of erasedCase.users) expect(nameOnList(user)).toBe(name);
});
