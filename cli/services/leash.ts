import { Socket } from "node:net";
import { isMainThread, Worker } from "node:worker_threads";

/**
 * Loaded first into a process that is to end with the one that started it, with all of its group.
 * Its own thread may be blocked, by a program that it runs; so another one watches the pipe, which
 * closes however the starter ends.
 */
if (isMainThread) new Worker(new URL(import.meta.url), { execArgv: [] }).unref();
else new Socket({ fd: 0 }).on("close", () => process.kill(-process.pid, "SIGTERM")).resume();
