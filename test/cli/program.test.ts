import { expect, it } from "vitest";
import { programOf } from "../../cli/program.ts";

it("Each command's own module has it", async () => {
  const { commands } = await programOf(undefined);
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands) {
    const alone = await programOf(command.name());
    const found = alone.commands.find((each) => each.name() === command.name());
    expect(found?.helpInformation(), command.name()).toBe(command.helpInformation());
    expect(alone.commands.length, command.name()).toBeLessThan(5);
  }
});
