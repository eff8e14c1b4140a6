import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Runs the long files first: short ones fill what is left of every core at the end. By itself
 * vitest only knows how long a file took when it has run before.
 */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ project }: TestSpecification) => project.name === "whole";
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
