import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Children } from "./platform/child.ts";

const VENV = join(import.meta.dirname, "../venv.ts");
/** What is fetched or unpacked once. */
export const CACHE = join(import.meta.dirname, "../../.cache/stand-ins");

/**
 * The Python with the packages of a requirements file, as in venv(), but made by a process of its
 * own. The first time takes a minute, and these servers must answer meanwhile.
 */
export async function pythonOf(children: Children, name: string, requirements: string): Promise<string> {
  const args = [VENV, name, requirements];
  const { code, stdout, stderr } = await children.run({ command: process.execPath, args });
  if (code === 0) return stdout.trim();
  throw new Error(`Python ${name} cannot be set up: ${stderr}`);
}

/**
 * A Java archive from Maven's repository, fetched once into the cache:
 * group:artifact:version:jar:classifier.
 */
export async function mavenArtifact(children: Children, artifact: string): Promise<string> {
  const path = mavenPath(artifact);
  if (existsSync(path)) return path;
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
  const args = ["-q", "-B", goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${dirname(path)}`];
  const { stdout, stderr } = await children.run({ command: "mvn", args });
  if (existsSync(path)) return path;
  throw new Error(`mvn could not fetch ${artifact}: ${stdout}${stderr}`);
}

/** The cached path of an archive, before or after its download. */
export function mavenPath(artifact: string): string {
  const [, name, version, , classifier] = artifact.split(":");
  return join(CACHE, `${name}-${version}-${classifier}.jar`);
}
