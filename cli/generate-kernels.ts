import asc from "assemblyscript/asc";

/** The kernels of matrix factorisation, and what is made of them. */
const SOURCE = "core/factors/assembly/dense.ts";
const TARGET = "core/factors/assembly/dense.wasm.ts";

/** No runtime and no checks: the kernels only read and write the memory that they are given. */
const OPTIONS = [
  "-O3",
  "--noAssert",
  ...["--runtime", "stub"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  ...["--enable", "simd,relaxed-simd,threads,bulk-memory"],
];

/** @throws Error with the compiler's messages. */
export async function generatedKernels(): Promise<Record<string, string>> {
  const files = new Map<string, Uint8Array>();
  const { error, stderr } = await asc.main([SOURCE, "--outFile", "dense.wasm", ...OPTIONS], {
    writeFile: (name: string, contents: Uint8Array) => void files.set(name, contents),
  } as never);
  if (error) throw new Error(`${SOURCE} does not compile: ${stderr.toString()}`);
  const encoded = Buffer.from(files.get("dense.wasm")!).toString("base64");
  const lines = encoded.match(/.{1,90}/g)!.map((line) => `  "${line}"`);
  return {
    [TARGET]: `/** Generated from dense.ts: \`npm run generate\`. */\nexport const KERNELS =\n${lines.join(" +\n")};\n`,
  };
}
