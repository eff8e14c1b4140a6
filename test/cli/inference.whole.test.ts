import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { madeModels } from "../inference/models.ts";
import { clientTo } from "../inference/served.ts";
import { start } from "./steamer.ts";

const { folder } = await madeModels();
const args = (model: string) => ["inference", "--inference.model", model, "--inference.port", "0"];

describe("steamer inference", () => {
  it("says where it answers, and from what", async () => {
    const child = start(folder, args("six"));
    const said = (await once(child.stdout!, "data"))[0] as Buffer;
    const [, address, model] = /answers at (\S+) from the model (\S+)\.\n/.exec(said.toString())!;
    expect((await clientTo({ address }).classify("good")).model).toBe(model);
    child.kill("SIGTERM");
    expect((await child.finished).status).toBe(0);
  });

  it("says what to do without a model", async () => {
    const child = start(folder, args("none"));
    const said = (await once(child.stdout!, "data"))[0] as Buffer;
    expect(said.toString()).toMatch(/no model at none yet. `npm run model:sentiment` makes one/);
    child.kill("SIGTERM");
    expect((await child.finished).status).toBe(0);
  });

  it("says why a model does not fit, and ends", async () => {
    const { status, stderr } = await start(folder, args("strange-labels")).finished;
    expect(status).toBe(1);
    expect(stderr).toContain("set inference.labels, such as tea=0.5,ink=0.5");
  });
});
