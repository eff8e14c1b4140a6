import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { count, table } from "../print-table.ts";
import { THIS_BUILD } from "./builds.ts";
import { runNights, type Task } from "./contest.ts";
import type { Night, Part } from "./run-night.ts";
import type { Timed } from "./statements.ts";

const SHOWN = 12;

/**
 * Where the CPU of this build's last night goes, part by part: by statement of
 * DuckDB, and outside of them. One thread, so that no two statements run at once. V8's profile of
 * the JavaScript goes to `folder`.
 */
export async function profileText(task: Task, folder: string): Promise<string> {
  const temporary = mkdtempSync(join(tmpdir(), "bench-profile-"));
  const statements = join(temporary, "statements.json");
  const profile = `${task.name.replaceAll(/\W+/g, "-")}.cpuprofile`;
  const node = ["--import", join(import.meta.dirname, "statements.ts"), "--cpu-prof"];
  node.push("--cpu-prof-dir", resolve(folder), "--cpu-prof-name", profile);
  mkdirSync(folder, { recursive: true });
  try {
    const env = { BENCH_STATEMENTS: statements };
    const alone = { ...task, threads: 1 };
    const nights = await runNights(THIS_BUILD, alone, join(temporary, "data"), { node, env });
    const timed = JSON.parse(readFileSync(statements, "utf8")) as Timed[];
    const parts = (["start", "export", "similarity", "load"] as const).map((part) =>
      partText(part, nights.at(-1)!, timed),
    );
    return [`${task.name}, one thread`, ...parts, `V8's profile: ${join(folder, profile)}`].join("\n\n");
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function partText(part: Part, { times, costs }: Night, timed: Timed[]): string {
  const [from, to] = times[part];
  const groups = new Map<string, Timed[]>();
  for (const one of timed.filter(({ at }) => at >= from && at < to)) {
    const kind = kindOf(one.sql);
    groups.set(kind, [...(groups.get(kind) ?? []), one]);
  }
  const cpuOf = (group: Timed[]) => group.reduce((sum, { cpu }) => sum + cpu, 0);
  const sorted = [...groups].sort(([, a], [, b]) => cpuOf(b) - cpuOf(a));
  const outside = costs[part].cpu - sorted.reduce((sum, [, group]) => sum + cpuOf(group), 0);
  const row = (kind: string, group: Timed[]) => [kind, count(group.length), cpuOf(group).toFixed(2)];
  const rest = sorted.slice(SHOWN).flatMap(([, group]) => group);
  return table(
    [`${part}: statements`, "times", "CPU s"],
    [
      ...sorted.slice(0, SHOWN).map(([kind, group]) => row(kind, group)),
      ...(rest.length > 0 ? [row("other statements", rest)] : []),
      ["outside of statements", "", outside.toFixed(2)],
      ["all", "", costs[part].cpu.toFixed(2)],
    ],
  );
}

/** Statements that differ in their literals are of one kind. Its beginning tells which. */
const kindOf = (sql: string) =>
  sql
    .replaceAll(/'[^']*'/g, "'…'")
    .replaceAll(/(?<='…'), '…'/g, "")
    .replaceAll(/\s+/g, " ")
    .slice(0, 110);
