import { vi } from "vitest";

/** Gives each line that functions log to `take`, until mocks are restored. Nothing is printed. */
export function onLogLine(take: (line: Record<string, unknown>) => void): void {
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    for (const line of String(chunk).split("\n")) if (line.startsWith(`{"severity"`)) take(JSON.parse(line));
    return true;
  });
}
