import { execFileSync } from "node:child_process";
import { start } from "../cli/steamer.ts";

const SIZE = ["--customers", "600", "--items", "300", "--demo-days", "10"];

/** Starts a small demo shop, and waits until it is open. */
export async function startDemo(folder: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const demo = start(folder, ["demo", ...SIZE, "--data", folder, "--port", "0", ...args], env);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    demo.stdout!.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /answers on (\S+),[^]*Ctrl-C/.exec(said) ?? [];
      if (found) resolve(found);
    });
    void demo.finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return Object.assign(demo, { url });
}

/** Processes of this command or file that have the folder among their arguments. */
export const running = (command: string, folder: string) =>
  execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(`${command} `) && line.includes(folder));
