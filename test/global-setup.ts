import type { TestProject } from "vitest/node";
import { venvAside } from "./venv.ts";

/**
 * Makes the Pythons that tests need before the first of them waits: once a few minutes, then
 * nothing.
 */
export default async function setup({ name }: Pick<TestProject, "name">): Promise<void> {
  const wanted = [["stand-ins", "test/stand-ins/requirements.txt"]];
  if (name === "whole")
    wanted.push(
      ["bare", "test/stand-ins/requirements-bare.txt"],
      ["spark", "spark-jobs/requirements-test.txt"],
      ["beam", "templates/requirements-test.txt"],
      ["sentiment", "sentiment-model/requirements.txt"],
      ["schemathesis", "test/hardening/requirements.txt"],
    );
  await Promise.all(wanted.map(([python, requirements]) => venvAside(python, requirements)));
}
