import { join } from "node:path";
import { venv } from "../test/venv.ts";

export const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/** The Python that has the peers of the benchmark. */
export const benchPython = (): string => venv("bench", REQUIREMENTS);
