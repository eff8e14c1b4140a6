import { afterAll, beforeAll, expect, test } from "vitest";
import { startCloud, type Cloud } from "../cloud.ts";
import { json, serveHttp, type HttpServer } from "./http.ts";

const INVOKER = "tasks@steamer-local.iam.gserviceaccount.com";

let cloud: Cloud;
let echo: HttpServer;
let front: { url: string };
beforeAll(async () => {
  cloud = await startCloud({ services: [] });
  echo = await serveHttp(({ url, headers, body }) =>
    Promise.resolve(
      json(200, { path: url.pathname, authorization: headers.authorization, body: body.toString() }),
    ),
  );
  front = await cloud.platform({ target: { "start-run": echo.url }, invokers: [INVOKER] });
});
afterAll(async () => {
  await cloud.close();
  await echo.close();
});

async function call(token?: string, name = "start-run") {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return fetch(`${front.url}/${name}/now`, { method: "POST", body: "hello", headers });
}

test("Who may invoke gets through, and the function sees the token without its signature", async () => {
  const token = await cloud.identity.token({ audience: `${front.url}/start-run`, email: INVOKER });
  const answer = await call(token);
  expect(answer.status).toBe(200);
  const authorization = `Bearer ${token.split(".").slice(0, 2).join(".")}.SIGNATURE_REMOVED_BY_GOOGLE`;
  expect(await answer.json()).toEqual({ path: "/now", authorization, body: "hello" });
});

test("Another account is refused with 403", async () => {
  const token = await cloud.identity.token({ audience: front.url, email: "somebody@example.com" });
  expect((await call(token)).status).toBe(403);
});

test.each([
  ["no token", () => Promise.resolve(undefined)],
  ["no token at all, but a word", () => Promise.resolve("open-sesame")],
  [
    "a token that has expired",
    () => cloud.identity.token({ audience: front.url, email: INVOKER, lifetime: -60 }),
  ],
  [
    "a token for somebody else",
    () => cloud.identity.token({ audience: "https://example.com", email: INVOKER }),
  ],
  ["a token that we did not sign", () => cloud.identity.forgedToken({ audience: front.url, email: INVOKER })],
])("A request with %s is refused with 401", async (_, token) => {
  expect((await call(await token())).status).toBe(401);
});
