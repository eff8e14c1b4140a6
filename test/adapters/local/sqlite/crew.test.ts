import { expect, it } from "vitest";
import { Crew } from "../../../../adapters/local/sqlite/crew.ts";

it("A crew that closes gives back what is at work, and what was just being taken, which it does not begin", async () => {
  const taking = Promise.withResolvers<string[]>();
  const parts = [Promise.resolve(["first"]), taking.promise];
  const begun: string[] = [];
  const crew = new Crew<string>({
    atOnce: 2,
    take: () => parts.shift() ?? Promise.resolve([]),
    carry(task) {
      begun.push(task);
      return new Promise(() => {});
    },
  });
  await crew.wake();
  void crew.wake();
  const closed = crew.close();
  taking.resolve(["second"]);
  expect(await closed).toEqual(["first", "second"]);
  expect(begun).toEqual(["first"]);
});
