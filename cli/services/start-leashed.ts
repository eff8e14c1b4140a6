import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

// The extension of the running file tells if this is the source or the build.
const LEASH = fileURLToPath(new URL(`./leash${import.meta.url.slice(-3)}`, import.meta.url));

/**
 * Starts a program that may block its own thread. It and what it starts end with this process,
 * however that ends; an interrupt at the terminal is this process's affair.
 */
export const startLeashed = (program: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, ["--import", LEASH, program, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
