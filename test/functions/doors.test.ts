import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FUNCTIONS, type FunctionName } from "../../contracts/google-names.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const servers = {} as Record<FunctionName, Server>;

/** A token as functions see it: Cloud Run has checked its signature, and taken it away. */
function tokenOf(
  email: string,
  { verified = true, minutes = 5, iss = "https://accounts.google.com", to = "load" } = {},
): string {
  const aud = `https://us-central1-my-project.cloudfunctions.net/${to}`;
  const exp = Math.floor(Date.now() / 1000) + 60 * minutes;
  const claims = { iss, aud, email, email_verified: verified, exp };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.SIGNATURE_REMOVED_BY_GOOGLE`;
}

const tasks = "steamer-tasks@my-project.iam.gserviceaccount.com";
const scheduler = "steamer-scheduler@my-project.iam.gserviceaccount.com";
const look = { shop: "toys", run: "2026-11-21.1", stage: "load", attempt: 1, look: 3 };

async function call(
  name: FunctionName,
  { token, body = {}, method = "POST" }: { token?: string; body?: unknown; method?: string },
) {
  const { port } = servers[name].address() as AddressInfo;
  const headers = {
    "content-type": "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const init = method === "POST" ? { method, headers, body: JSON.stringify(body) } : { method, headers };
  const response = await fetch(`http://127.0.0.1:${port}/`, init);
  return {
    status: response.status,
    body: (await response.json()) as { error?: unknown; [key: string]: unknown },
  };
}

beforeAll(async () => {
  vi.stubEnv("STEAMER_PROJECT", "my-project");
  vi.stubEnv("STEAMER_DATA", folder);
  vi.stubEnv("LOG_EXECUTION_ID", "false");
  mkdirSync(join(folder, "shops/toys"), { recursive: true });
  writeFileSync(
    join(folder, "shops/toys/settings.json"),
    JSON.stringify({ shop: "toys", dataset: "analytics_1" }),
  );
  await import("../../functions/index.ts");
  for (const name of FUNCTIONS) {
    servers[name] = getTestServer(name);
    await new Promise<void>((resolve) => servers[name].listen(0, "127.0.0.1", resolve));
  }
});
afterAll(() => {
  for (const server of Object.values(servers)) server.close();
  vi.unstubAllEnvs();
});

describe("a function's door", () => {
  it.each(FUNCTIONS)("of %s is closed without a token", async (name) => {
    expect((await call(name, { body: look })).status).toBe(401);
    expect((await call(name, { body: look, token: "not.a token" })).status).toBe(401);
    expect((await call(name, { body: look, token: tokenOf(tasks, { minutes: -1 }) })).status).toBe(401);
    expect((await call(name, { body: look, token: tokenOf(tasks, { verified: false }) })).status).toBe(401);
    const iss = "https://accounts.example.com";
    expect((await call(name, { body: look, token: tokenOf(tasks, { iss }) })).status).toBe(401);
  });

  it("lets Cloud Tasks into the stages alone, and Cloud Scheduler into start-run alone", async () => {
    expect((await call("load", { body: look, token: tokenOf(scheduler) })).status).toBe(403);
    expect((await call("start-run", { body: { shop: "toys" }, token: tokenOf(tasks) })).status).toBe(403);
    expect(
      (await call("load", { body: look, token: tokenOf("steamer-tasks@other.iam.gserviceaccount.com") }))
        .status,
    ).toBe(403);
  });

  it("takes no token that was made for another function", async () => {
    const token = tokenOf(tasks, { to: "publish" });
    const { status, body } = await call("load", { body: look, token });
    expect([status, body.error]).toEqual([403, expect.stringContaining("not for https://us-central1")]);
  });

  it("takes no look at another stage, for which it has no rights", async () => {
    const body = { ...look, stage: "publish" };
    const answer = await call("load", { body, token: tokenOf(tasks) });
    expect(answer).toMatchObject({ status: 200, body: { error: { why: "this is the function of load" } } });
  });

  it("takes no settings of another shop", async () => {
    mkdirSync(join(folder, "shops/books"), { recursive: true });
    writeFileSync(join(folder, "shops/books/settings.json"), JSON.stringify({ shop: "toys" }));
    const body = { action: "status", shop: "books" };
    const answer = await call("runs", { body, token: tokenOf("me@example.com") });
    expect(answer).toMatchObject({
      status: 409,
      body: { error: { why: expect.stringContaining("is of toys") } },
    });
  });

  it("takes nothing but POST", async () => {
    expect((await call("load", { method: "GET", token: tokenOf(tasks) })).status).toBe(405);
  });

  it.each([
    ["a field that is missing", { ...look, look: undefined }, "look"],
    ["a shop that is no name", { ...look, shop: "../other" }, "/shop"],
    ["a run that is no run", { ...look, run: "2026-11-21" }, "/run"],
    ["a stage that there is not", { ...look, stage: "train" }, "/stage"],
    ["an unknown field", { ...look, colour: "red" }, "colour"],
    ["no object at all", [1], "it"],
  ])("answers 400 and names the field for %s", async (_, body, field) => {
    const answer = await call("load", { body, token: tokenOf(tasks) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(field);
  });

  it("drops a look at a run that is not there: delivering it again would not help", async () => {
    const answer = await call("load", { body: look, token: tokenOf(tasks) });
    expect(answer).toMatchObject({ status: 200, body: { error: { why: "there is no such run" } } });
  });

  it("says when a shop has not been deployed", async () => {
    const answer = await call("runs", {
      body: { action: "status", shop: "none" },
      token: tokenOf("me@example.com"),
    });
    expect(answer).toMatchObject({ status: 409, body: { error: { why: "there is no such shop" } } });
  });
});

describe("runs", () => {
  const ask = (body: object) =>
    call("runs", { body: { shop: "toys", ...body }, token: tokenOf("me@example.com") });

  it("shows the nights", async () => {
    expect(await ask({ action: "status" })).toMatchObject({ status: 200, body: { runs: [] } });
  });

  it("says why it cannot do what it is asked for, and what to do", async () => {
    const answer = await ask({ action: "cancel", reason: "wrong events" });
    expect(answer).toMatchObject({
      status: 409,
      body: { error: { why: "there has been no run yet", next: "start a night first" } },
    });
  });

  it("refuses an action that it does not know", async () => {
    expect((await ask({ action: "delete" })).status).toBe(400);
  });
});
