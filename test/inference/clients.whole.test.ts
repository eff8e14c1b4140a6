import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { INFERENCE, type Classification } from "../../contracts/inference.ts";
import { askByGo, askByPython, hasGo } from "../client-programs.ts";
import { madeModels } from "./models.ts";
import { clientTo, started } from "./served.ts";

const { folder } = await madeModels();
const server = await started(join(folder, "two"));
const texts = ["good", "Très déçu", "good ".repeat(200)];
const answers: Classification[] = [];
for (const text of texts) answers.push(await clientTo(server).classify(text));

const near = (value: number): unknown => expect.closeTo(value, 5);
const alike = (
  { label, score, probabilities, sentiment, model, truncated }: Classification,
  shown: (label: string, probability: unknown) => unknown,
) => ({
  label,
  score: near(score),
  probabilities: probabilities.map((each) => shown(each.label, near(each.probability))),
  sentiment: near(sentiment),
  model,
  truncated,
});

it("a Python client with stubs of the contract gets the same answers", async () => {
  const expected = answers.map((answer) => alike(answer, (...pair) => pair));
  expect(answers.map(({ truncated }) => truncated)).toEqual([false, false, true]);
  expect(await askByPython("inference.proto", "test/inference/client.py", server.address)).toEqual({
    one: expected[0],
    all: expected,
    blank: ["INVALID_ARGUMENT", "text has nothing but blanks"],
    healthy: true,
  });
});

describe.skipIf(!hasGo)("where Go is installed", () => {
  it("a Go client, which learns the contract by reflection, gets the same answers", async () => {
    const requests = texts.map((text) => ({ text }));
    const found = await askByGo(server.address, INFERENCE, [
      ["ClassifyText", requests[2]],
      ["ClassifyBatch", ...requests],
      ["ClassifyText", { text: " " }],
    ]);
    const expected = answers.map((answer) => {
      const shown = alike(answer, (label, probability) => ({ label, probability }));
      // A default is left out there.
      return answer.truncated ? shown : { ...shown, truncated: undefined };
    });
    expect(found).toEqual({ health: "SERVING", answers: [expected[2], expected, "InvalidArgument"] });
  });
});
