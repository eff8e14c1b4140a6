import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** The time that a test file took, with its imports and hooks. */
export interface FileTime {
  file: string;
  seconds: number;
}

export const FILE_TIMES = ".cache/test/file-times.json";

/** Writes down how long each test file took: JUnit's and JSON's reports leave out hooks. */
export default class FileTimes implements Reporter {
  readonly #times: FileTime[] = [];

  onTestModuleEnd(module: TestModule): void {
    const { collectDuration, setupDuration, duration } = module.diagnostic();
    const file = relative(process.cwd(), module.moduleId);
    this.#times.push({ file, seconds: (collectDuration + setupDuration + duration) / 1000 });
  }

  onTestRunEnd(): void {
    writeFileSync(FILE_TIMES, JSON.stringify(this.#times));
  }
}
