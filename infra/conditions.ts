import { jobFiles, paths, POINTER_FILES } from "../contracts/layout.ts";

/** The objects for which a role holds, in the Common Expression Language. */
export interface Condition {
  title: string;
  expression: string;
}

const objects = (bucket: string, prefix = "") => `projects/_/buckets/${bucket}/objects/${prefix}`;

/** A job that could write the next job's code would in effect have that job's rights. */
export function outsideJobs(bucket: string): Condition {
  const expression = `!resource.name.startsWith("${objects(bucket, jobFiles.folder)}")`;
  return { title: "all but the code of jobs", expression };
}

/**
 * The files of language models. The names of others may be listed: Cloud Storage tells only whoever
 * may list a bucket that a file is missing.
 */
export function onlyLanguageModels(bucket: string): Condition {
  const expression = `resource.name == "projects/_/buckets/${bucket}" || resource.name.startsWith("${objects(bucket, jobFiles.languageModels)}")`;
  return { title: "language models", expression };
}

/** The files of pushed stock, of any shop. */
export function onlyStockFiles(bucket: string): Condition {
  const expression = `resource.name.extract("/buckets/${bucket}/objects/${paths.stockFiles("{shop}")}") != ""`;
  return { title: "files of pushed stock", expression };
}

/** For project roles that give access to every bucket: this takes back all but one. */
export function onlyData(bucket: string): Condition {
  const inside = `resource.name == "projects/_/buckets/${bucket}" || resource.name.startsWith("${objects(bucket)}")`;
  const expression = `resource.service != "storage.googleapis.com" || ((${inside}) && ${outsideJobs(bucket).expression})`;
  return { title: "of the buckets only data", expression };
}

/** Roles of databases are bound to the project; this takes back all databases but one. */
export function onlyDatabase(project: string, database: string): Condition {
  const expression = `resource.name == "projects/${project}/databases/${database}"`;
  return { title: `database ${database}`, expression };
}

export const FUNCTION_SOURCES: Condition = {
  title: "sources of functions",
  expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-")',
};

const isFile = (name: string) => `resource.name.endsWith("/${name}")`;

export const SETTINGS_FILES: Condition = {
  title: "settings of shops",
  expression: isFile(POINTER_FILES.settings),
};

/** What names a shop's pushed stock. */
export const STOCK_POINTERS: Condition = {
  title: "pointers of pushed stock",
  expression: isFile(POINTER_FILES.stock),
};

/**
 * People decide on keys, on settings (tuned ones too) and on who is erased. No night may issue a
 * key, bring a user back, or change the next night's work.
 */
export const ALL_BUT_RULES: Condition = {
  title: "all but keys, erasures and settings",
  expression: [POINTER_FILES.keys, POINTER_FILES.erased, POINTER_FILES.settings, POINTER_FILES.tuned]
    .map((name) => `!${isFile(name)}`)
    .join(" && "),
};
