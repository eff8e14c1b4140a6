import type { TestProject } from "vitest/node";
import { venv } from "./venv.ts";

/**
 * Makes the Pythons that tests need before the first of them waits: once a few minutes, then
 * nothing.
 */
export default function setup(project: TestProject): void {
  venv("stand-ins", "test/stand-ins/requirements.txt");
  if (project.name !== "whole") return;
  venv("bare", "test/stand-ins/requirements-bare.txt");
  venv("spark", "spark-jobs/requirements-test.txt");
  venv("beam", "templates/requirements-test.txt");
}
