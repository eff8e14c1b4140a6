// Loaded before `steamer` by killed.whole.test.ts: ends the process with SIGKILL at the point that
// KILL_AT names.
//   write:N     in the middle of the N-th write of a document: half of its bytes are on disk
//   rename:N    before the N-th document is renamed into place
//   renamed:N   just after
//   file:TEXT   as soon as a path with that text exists below the data folder (files that DuckDB
// writes)
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [kind, value] = (process.env.KILL_AT ?? "").split(":");
const die = () => process.kill(process.pid, "SIGKILL");
const calls = { write: 0, rename: 0 };
const { writeSync, renameSync } = fs;

fs.writeSync = (file, bytes, offset) => {
  if (kind !== "write" || ++calls.write !== Number(value)) return writeSync(file, bytes, offset);
  writeSync(file, bytes, 0, bytes.length >> 1);
  return die();
};
fs.renameSync = (from, to) => {
  calls.rename++;
  if (kind === "rename" && calls.rename === Number(value)) die();
  renameSync(from, to);
  if (kind === "renamed" && calls.rename === Number(value)) die();
};
syncBuiltinESMExports();

if (kind === "file") {
  const look = () => {
    const paths = fs.existsSync(".steamer") ? fs.readdirSync(".steamer", { recursive: true }) : [];
    if (paths.some((path) => path.includes(value))) die();
  };
  setInterval(look, 1).unref();
}
