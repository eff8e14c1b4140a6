import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The health service's contract comes with its package. */
const MODULES = ["contracts/proto", "node_modules/grpc-health-check/proto"];
const FILES = {
  health: `${MODULES[1]}/health/v1/health.proto`,
  inference: `${MODULES[0]}/inference.proto`,
  personalizer: `${MODULES[0]}/personalizer.proto`,
};
const TARGET = "contracts/proto/descriptors.ts";
const HEAD = "/** Generated from the contracts: `npm run generate`. FileDescriptorSets, in base64. */";

/**
 * Each service's contract as a FileDescriptorSet, as buf compiles it.
 * @throws Error with buf's messages.
 */
export async function generatedDescriptors(): Promise<Record<string, string>> {
  const sets = await Promise.all(
    Object.entries(FILES).map(async ([name, file]) => `  ${name}:\n${literal(await compiled(file))},\n`),
  );
  return { [TARGET]: `${HEAD}\nexport const DESCRIPTORS = {\n${sets.join("")}};\n` };
}

async function compiled(file: string): Promise<Buffer> {
  const config = JSON.stringify({ version: "v2", modules: MODULES.map((path) => ({ path })) });
  const options = ["--path", file, "--exclude-source-info", "--as-file-descriptor-set", "-o", "-"];
  const { stdout } = await promisify(execFile)(
    "node_modules/.bin/buf",
    ["build", ".", "--config", config, ...options],
    { encoding: "buffer" },
  );
  return stdout;
}

/** A text in lines that a file may have. */
const literal = (bytes: Buffer): string =>
  bytes
    .toString("base64")
    .match(/.{1,90}/g)!
    .map((line) => `    "${line}"`)
    .join(" +\n");
