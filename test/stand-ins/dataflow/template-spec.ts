import type { BucketFiles } from "../storage/bucket-files.ts";
import { Failure } from "../platform/faults.ts";

/** The file that `gcloud dataflow flex-template build` writes to a bucket. */
interface TemplateSpec {
  image: string;
  sdkInfo: { language: string };
  metadata?: { name: string; parameters?: TemplateParameter[] };
}

interface TemplateParameter {
  name: string;
  isOptional?: boolean;
  regexes?: string[];
}

/** Options that Dataflow itself understands, even if the template does not name them. */
const PIPELINE_OPTIONS = new Set([
  "sdk_container_image",
  "sdkContainerImage",
  "experiments",
  "dataflow_service_options",
]);

/** @throws Failure when the template cannot be read, or its parameters do not fit its metadata. */
export async function checkParameters(
  files: BucketFiles,
  path: string,
  given: Record<string, string>,
): Promise<void> {
  const spec = await read(files, path);
  const known = spec.metadata?.parameters ?? [];
  const unknown = Object.keys(given).filter(
    (name) => !PIPELINE_OPTIONS.has(name) && !known.some((p) => p.name === name),
  );
  const problems = [
    ...unknown.map((name) => `${name}: Unrecognized parameter`),
    ...known.flatMap(({ name, isOptional, regexes = [] }) => {
      const value = given[name];
      if (value === undefined) return isOptional ? [] : [`${name}: Missing required parameter`];
      const unmatched = regexes.filter((regex) => !new RegExp(`^(?:${regex})$`).test(value));
      return unmatched.map((regex) => `${name}: Unmatched regex ${regex}`);
    }),
  ];
  if (problems.length === 0) return;
  throw new Failure(
    "INVALID_ARGUMENT",
    `The template parameters are invalid. Details: ${problems.join("; ")}`,
  );
}

async function read(files: BucketFiles, path: string): Promise<TemplateSpec> {
  try {
    const spec = JSON.parse((await files.read(path)).toString()) as TemplateSpec;
    if (spec.image && spec.sdkInfo?.language === "PYTHON") return spec;
  } catch (error) {
    throw new Failure(
      "INVALID_ARGUMENT",
      `Unable to open template file: ${path}. ${(error as Error).message}`,
    );
  }
  throw new Failure("INVALID_ARGUMENT", `${path} is not the container spec of a Python flex template`);
}
