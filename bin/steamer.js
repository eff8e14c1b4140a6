#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one gets a clear message instead of a syntax error.
"use strict";
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const source = new URL("../cli/main.ts", import.meta.url);
const build = new URL("../dist/cli/main.js", import.meta.url);
// Node does not strip types below node_modules: an installed package runs its build, a checkout its source.
const installed = import.meta.url.includes("/node_modules/");

if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`steamer needs Node 22.13 or newer, this is ${process.version}.`);
  console.error("In a checkout, `npm ci` brings Node 24 along: use `npm start` and `npx steamer`.");
  process.exitCode = 1;
} else {
  await import(installed || !existsSync(source) ? build : source);
}
