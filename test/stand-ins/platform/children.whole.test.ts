import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Children, freePort } from "./child.ts";
import { startCloud } from "../cloud.ts";

/** True when a server answers at http://address. */
const answers = (address: string) =>
  fetch(address).then(
    () => true,
    () => false,
  );

test("When a cloud is closed its servers are gone", async () => {
  const cloud = await startCloud({ services: ["bigquery", "tasks"] });
  const addresses = [
    cloud.endpoints.bigquery!,
    cloud.endpoints.storage!,
    new URL(cloud.identity.jwksUrl).origin,
  ];
  expect(await Promise.all(addresses.map(answers))).toEqual([true, true, true]);
  await cloud.close();
  expect(await Promise.all(addresses.map(answers))).toEqual([false, false, false]);
});

test("Children end with the process that started them, also when that is killed", async () => {
  const server = `require("http").createServer((q, a) => a.end()).listen(process.argv[1], () => console.log("listening"))`;
  const port = await freePort();
  const parent = `
    import { Children } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))};
    const args = ["-e", ${JSON.stringify(server)}, "${port}"];
    await new Children().serve({ command: process.execPath, args }, /listening/);
    console.log("up");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", parent], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(await answers(`http://127.0.0.1:${port}`)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => answers(`http://127.0.0.1:${port}`)).toBe(false);
});

test("A server that ends before it is ready is an error that says what it said", async () => {
  const children = new Children();
  const args = ["-e", 'console.error("the port is taken"); process.exit(3)'];
  const starting = children.serve({ command: process.execPath, args }, /listening/);
  await expect(starting).rejects.toThrow(/ended \(3\)[\s\S]*the port is taken/);
  await children.close();
});

test("A program that is not installed is an error", async () => {
  const children = new Children();
  await expect(children.serve({ command: "no-such-program", args: [] }, /x/)).rejects.toThrow(
    "no-such-program",
  );
  await children.close();
});
