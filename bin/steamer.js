#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: it gets a message instead of a syntax error.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const source = new URL("../cli/main.ts", import.meta.url);
const build = new URL("../dist/cli/main.js", import.meta.url);
// Node does not strip types below node_modules: an installed package runs its build, a checkout its
// source.
const isCheckout = !import.meta.url.includes("/node_modules/") && existsSync(source);

const needed = Number.parseInt(engines.node.replace(">=", ""), 10);
if (Number.parseInt(process.versions.node, 10) >= needed) {
  // Half of a start is compiling. Threads and services that are started see it by the variable.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../.cache/compiled", import.meta.url));
  (await import("node:module")).enableCompileCache();
  await import(isCheckout ? source : build);
} else {
  const next = isCheckout
    ? "run npm ci, whose scripts bring one along, and then npm start or npx steamer, which find it"
    : `install Node ${needed} from https://nodejs.org, and run the command again`;
  const why = `it runs on Node ${needed} or newer, and this is ${process.version}`;
  console.error(`Starting steamer: ${why}\n  Next: ${next}`);
  process.exitCode = 1;
}
