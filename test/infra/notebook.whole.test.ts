import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openCloud } from "../../infra/cloud.ts";
import type { Outcome } from "../../infra/command-line.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { down, up } from "../../infra/notebook.ts";
import { temporaryFolder } from "../temporary.ts";
import { faultsOf, reference } from "./command-reference.ts";

const ROOT = join(import.meta.dirname, "../..");
const ACCOUNT = "steamer-notebook@my-project.iam.gserviceaccount.com";
const CLUSTER = "steamer-notebook-my-shop";

/** A project that remembers what the notebook needs: accounts, buckets, policies, clusters. */
function project() {
  const changes: string[][] = [];
  const emails: string[] = [];
  const buckets = [{ name: "my-project-steamer", location: "US", labels: {} as Record<string, string> }];
  const policies = new Map<string, { bindings: object[] }>();
  let clusters: object[] = [];
  const flag = (words: string[], name: string) =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

  function answer(words: string[]): unknown {
    const command = words.slice(0, 3).join(" ");
    if (command === "iam service-accounts list") return emails.map((email) => ({ email }));
    if (command === "storage buckets list") return buckets;
    if (command === "dataproc clusters list") return clusters;
    if (command === "dataproc clusters describe")
      return { config: { endpointConfig: { httpPorts: { JupyterLab: "https://gateway.example/lab" } } } };
    const resource = words[words.findIndex((word) => word === "get-iam-policy") + 1];
    return words.includes("get-iam-policy") ? (policies.get(resource) ?? {}) : null;
  }

  function change(words: string[]): void {
    changes.push(["gcloud", ...words]);
    const [group, kind, action, name] = words;
    if (kind === "service-accounts") emails.push(`${name}@my-project.iam.gserviceaccount.com`);
    if (kind === "buckets" && action === "create")
      buckets.push({ name: name.slice(5), location: "US", labels: {} });
    if (kind === "buckets" && action === "update") {
      const stamp = /stamp=(\w+)/.exec(words.join(" "))![1];
      buckets.find((each) => name === `gs://${each.name}`)!.labels = { stamp };
    }
    if (group === "dataproc") clusters = action === "create" ? [{ clusterName: name }] : [];
    const at = words.findIndex((word) => word.endsWith("-iam-policy-binding"));
    if (at < 0) return;
    const policy = policies.get(words[at + 1]) ?? { bindings: [] };
    const [role, member] = [flag(words, "role"), flag(words, "member")!];
    const expression = /expression=(.*?)(?:;;|$)/.exec(flag(words, "condition") ?? "")?.[1];
    if (words[at].startsWith("add"))
      policy.bindings.push({ role, members: [member], ...(expression ? { condition: { expression } } : {}) });
    else policy.bindings = policy.bindings.filter((each) => (each as { role: string }).role !== role);
    policies.set(words[at + 1], policy);
  }

  const execute = async (_tool: string, words: string[]): Promise<Outcome> => {
    const isRead = ["list", "describe", "get-iam-policy"].some((word) => words.includes(word));
    if (!isRead) change(words);
    return { status: 0, stdout: isRead ? JSON.stringify(answer(words)) : "", stderr: "" };
  };
  return { changes, policies, execute };
}

const example = () => readDeployment(join(ROOT, "infra/settings/example.json"));

it("comes up once, says where Jupyter is, and goes down with its rights", async () => {
  const { changes, policies, execute } = project();
  const cloud = openCloud(example(), { execute });
  expect(await up(cloud)).toBe("Open https://gateway.example/lab");
  const made = changes.length;
  const create = changes.find((words) => words[3] === "create" && words[4] === CLUSTER)!;
  expect(create).toEqual(
    expect.arrayContaining([
      "--single-node",
      "--enable-component-gateway",
      "--no-address",
      "--delete-max-idle=1h",
      "--delete-max-age=12h",
      `--service-account=${ACCOUNT}`,
    ]),
  );
  await up(cloud);
  expect(changes.slice(made)).toEqual([]);
  expect(await down(cloud)).toMatch(/still in gs:\/\/my-project-steamer-notebooks/);
  expect([...policies.values()].flatMap(({ bindings }) => bindings)).toEqual([]);
  const gone = changes.length;
  await down(cloud);
  expect(changes.slice(gone)).toEqual([]);
  if (reference) expect(changes.flatMap((words) => faultsOf(words, reference!) ?? [])).toEqual([]);
}, 300_000);

it("installs what the notebook imports, before all else that the cluster's Python knows", () => {
  const folder = temporaryFolder();
  const [code, target, tools] = ["code", "target", "tools"].map((name) => join(folder, name));
  for (const each of [code, tools]) mkdirSync(each);
  writeFileSync(join(code, "night.py"), "where = 'night'");
  writeFileSync(join(folder, "json.py"), "where = 'packages'");
  execFileSync("tar", ["-czf", join(code, "packages.tar.gz"), "-C", folder, "json.py"]);
  execFileSync("python3", ["-m", "venv", "--without-pip", join(folder, "python")]);
  // Of the cluster's tools: one copies from the bucket, one knows the cluster's metadata.
  const places = { code: `${code}/`, data: "gs://d", pointer: "gs://p", shop: "tea" };
  const tool = (name: string, script: string) => {
    writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tools, name), 0o755);
  };
  tool("gcloud", "shift 2; exec cp $1 $2");
  const cases = Object.entries(places).map(
    ([name, value]) => `attributes/steamer-${name}) echo '${value}';;`,
  );
  tool("metadata", `case $1 in ${cases.join(" ")} *) exit 1;; esac`);
  const python = join(folder, "python/bin/python");
  const env = {
    PATH: `${tools}:${process.env["PATH"]}`,
    STEAMER_TARGET: target,
    STEAMER_PYTHON: python,
    STEAMER_METADATA: join(tools, "metadata"),
  };
  execFileSync(join(ROOT, "notebooks/install.sh"), { env });
  const program = "import json, night, os; print(json.where, night.where, os.environ['STEAMER_SHOP'])";
  expect(execFileSync(python, ["-c", program], { encoding: "utf8" })).toBe("packages night tea\n");
});
