import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../temporary.ts";

/** True while there is such a process. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("A leashed program ends with what it runs, though it waits for that, when its starter is killed", async () => {
  const folder = temporaryFolder();
  // It says who it is, and so does what it runs.
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { spawnSync } from "node:child_process";
    console.log(process.pid);
    spawnSync("sh", ["-c", "echo $$; exec sleep 600"], { stdio: "inherit" });`,
  );
  const starter = join(folder, "starter.mjs");
  const startLeashed = JSON.stringify(resolve("cli/services/start-leashed.ts"));
  writeFileSync(
    starter,
    `const { startLeashed } = await import(${startLeashed});
    startLeashed(${JSON.stringify(program)}).stdout.pipe(process.stdout);`,
  );
  const started = spawn(process.execPath, [starter], { stdio: ["ignore", "pipe", "inherit"] });
  const pids: number[] = [];
  for await (const line of createInterface({ input: started.stdout }))
    if (pids.push(Number(line)) === 2) break;
  expect(pids.map(isThere)).toEqual([true, true]);
  started.kill("SIGKILL");
  await expect.poll(() => pids.map(isThere), { timeout: 10_000 }).toEqual([false, false]);
});
