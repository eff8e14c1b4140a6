import { printableLine } from "../contracts/printable.ts";

/** Shows the progress of a long job: a bar on a terminal, a line now and then in a log. */
export interface Progress {
  /** `title` names the step ("similarity"), `fraction` is 0 to 1. */
  update(title: string, fraction: number, message?: string): void;
  /** Ends the step's line with its result. */
  done(title: string, result: string): void;
}

const BAR = 24;
/** A log gets at most one line of a step in this time. */
const LOG_EVERY_MS = 10_000;

/** Progress on a stream: a bar if it is a terminal, lines otherwise. */
export function showProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  return stream.isTTY ? terminalProgress(stream) : logProgress(stream, now);
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const draw = (text: string) => stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return {
    update(title, fraction, message = "") {
      const filled = Math.round(fraction * BAR);
      const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
      draw(
        `  ${title.padEnd(12)}${bar} ${String(Math.round(fraction * 100)).padStart(3)} %  ${printableLine(message)}`,
      );
    },
    done(title, result) {
      draw(`  ${title.padEnd(12)}${printableLine(result)}`);
      stream.write("\n");
    },
  };
}

function logProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  let loggedAt = now();
  return {
    update(title, fraction, message = "") {
      if (now() - loggedAt < LOG_EVERY_MS) return;
      loggedAt = now();
      stream.write(`  ${title} ${Math.round(fraction * 100)} % ${printableLine(message)}\n`);
    },
    done(title, result) {
      loggedAt = now();
      stream.write(`  ${title.padEnd(12)}${printableLine(result)}\n`);
    },
  };
}
