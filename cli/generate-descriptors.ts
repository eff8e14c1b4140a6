import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The contract, and the health service that is served beside it. */
const MODULES = ["contracts/proto", "node_modules/grpc-health-check/proto"];
const TARGET = "contracts/proto/descriptors.ts";

/**
 * The Personalizer's contract as a FileDescriptorSet, as buf compiles it.
 * @throws Error with buf's messages.
 */
export async function generatedDescriptors(): Promise<Record<string, string>> {
  const config = JSON.stringify({ version: "v2", modules: MODULES.map((path) => ({ path })) });
  const options = ["--exclude-source-info", "--as-file-descriptor-set", "-o", "-"];
  const { stdout } = await promisify(execFile)(
    "node_modules/.bin/buf",
    ["build", ".", "--config", config, ...options],
    { encoding: "buffer" },
  );
  const lines = stdout
    .toString("base64")
    .match(/.{1,90}/g)!
    .map((line) => `  "${line}"`);
  return {
    [TARGET]: `/** Generated from personalizer.proto: \`npm run generate\`. A FileDescriptorSet, in base64. */\nexport const DESCRIPTORS =\n${lines.join(" +\n")};\n`,
  };
}
