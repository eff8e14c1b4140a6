import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.ts";
import { venv } from "./venv.ts";

/** A program's output, as JSON. This process serves meanwhile. */
async function run(command: string, args: string[], cwd = "."): Promise<unknown> {
  return JSON.parse((await promisify(execFile)(command, args, { cwd })).stdout);
}

/** Makes stubs of a contract by grpcio-tools, and runs a script with them. */
export async function askByPython(contract: string, script: string, address: string): Promise<unknown> {
  const python = venv("stand-ins", "test/stand-ins/requirements.txt");
  const stubs = temporaryFolder();
  const options = ["-I", "contracts/proto", `--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  await promisify(execFile)(python, ["-m", "grpc_tools.protoc", ...options, contract]);
  return run(python, [script, stubs, address]);
}

export const hasGo = spawnSync("go", ["version"]).status === 0;

/** Asks methods of a service one after the other by a Go program, which learns them by itself. */
export function askByGo(
  address: string,
  service: string,
  calls: [method: string, ...requests: object[]][],
): Promise<unknown> {
  const asked = calls.map(([Method, ...Requests]) => ({ Method, Requests }));
  return run("go", ["run", ".", address, service, JSON.stringify(asked)], "test/go-client");
}
