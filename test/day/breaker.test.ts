import { describe, expect, it } from "vitest";
import { Breaker, BreakerOpen } from "../../day/breaker.ts";

const fail = () => Promise.reject(new Error("down"));
const succeed = () => Promise.resolve("up");

/** An open breaker, whose clock the test turns. */
async function opened() {
  const clock = { now: 0 };
  const breaker = new Breaker({ failures: 3, pauseMs: 100, now: () => clock.now });
  for (let k = 0; k < 3; k++) await expect(breaker.run(fail)).rejects.toThrow("down");
  expect(breaker.state).toBe("open");
  return { breaker, clock };
}

describe("a breaker", () => {
  it("opens after failures in a row, and then refuses without calling", async () => {
    const { breaker } = await opened();
    let calls = 0;
    await expect(breaker.run(async () => calls++)).rejects.toThrow(BreakerOpen);
    expect([calls, breaker.admits]).toEqual([0, false]);
  });

  it("stays closed while a success, or an answer that is no failure, comes between", async () => {
    const breaker = new Breaker({ failures: 2, pauseMs: 100, now: () => 0 });
    for (let k = 0; k < 5; k++) {
      await expect(breaker.run(fail)).rejects.toThrow("down");
      if (k % 2 === 0) await breaker.run(succeed);
      else await expect(breaker.run(fail, () => false)).rejects.toThrow("down");
    }
    expect(breaker.state).toBe("closed");
  });

  it("lets one probe through after the pause, and refuses all others at once until it has ended", async () => {
    const { breaker, clock } = await opened();
    clock.now = 100;
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = breaker.run(() => promise);
    expect([breaker.state, breaker.admits]).toEqual(["half-open", false]);
    for (let k = 0; k < 20; k++) await expect(breaker.run(succeed)).rejects.toThrow(BreakerOpen);
    resolve("up");
    expect(await probe).toBe("up");
    expect(breaker.state).toBe("closed");
  });

  it("pauses again when the probe fails", async () => {
    const { breaker, clock } = await opened();
    clock.now = 100;
    await expect(breaker.run(fail)).rejects.toThrow("down");
    clock.now = 199;
    await expect(breaker.run(succeed)).rejects.toThrow(BreakerOpen);
    clock.now = 200;
    expect(await breaker.run(succeed)).toBe("up");
  });

  it("learns nothing from calls that began before it opened", async () => {
    const clock = { now: 0 };
    const breaker = new Breaker({ failures: 1, pauseMs: 100, now: () => clock.now });
    const early = Promise.withResolvers<string>();
    const late = Promise.withResolvers<string>();
    const before = [breaker.run(() => early.promise), breaker.run(() => late.promise)];
    await expect(breaker.run(fail)).rejects.toThrow("down");
    early.resolve("up");
    await before[0];
    expect(breaker.state).toBe("open");
    clock.now = 90;
    late.reject(new Error("down"));
    await expect(before[1]).rejects.toThrow("down");
    clock.now = 100;
    expect(breaker.admits).toBe(true);
  });
});
