import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../adapters/settings.ts";
import { SETTING_GROUPS } from "../../cli/options.ts";
import { SERVING, Settings } from "../../contracts/settings.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { deployRecommender } from "../../infra/steps/recommender.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const SHOP = {
  ...{ shop: "toys", project: "my-project", dataset: "analytics_1" },
  ...{ data: "gs://my-data", pointer: "gs://my-pointer" },
};

/** A project that has the image, and these versions of the token's key. Changes are what is looked at. */
async function deploy(
  steamer: object,
  deploySettings: object = {},
  versions: { name: string; state: string }[] | null = null,
) {
  const file = join(folder, "settings.json");
  writeFileSync(file, JSON.stringify({ steamer: { ...SHOP, ...steamer }, deploy: deploySettings }));
  const changes: { words: string[]; input: string | undefined }[] = [];
  let image = "";
  let made = versions;
  const read = (command: string): unknown => {
    if (command.startsWith("artifacts")) return [{ version: "sha256:1", tags: [image] }];
    if (command.startsWith("secrets versions list")) return made;
    return null;
  };
  const execute = async (_tool: string, words: string[], input?: string) => {
    const command = words.join(" ");
    image = /_IMAGE=\S+:(\w+)/.exec(command)?.[1] ?? image;
    const isRead = /\b(list|cat|get-iam-policy)\b/.test(command);
    if (!isRead) changes.push({ words, input });
    if (command.startsWith("secrets versions add"))
      made = [...(made ?? []), { name: `s/versions/${(made?.length ?? 0) + 1}`, state: "ENABLED" }];
    const value = isRead ? read(command) : {};
    return { status: value === null ? 1 : 0, stdout: JSON.stringify(value), stderr: "NOT_FOUND" };
  };
  await deployRecommender(openCloud(readDeployment(file), { execute }), "templates");
  const deployed = (name: string) =>
    changes.find(({ words }) => words.slice(0, 3).join(" ") === `run deploy ${name}`)!.words;
  return {
    changes,
    recommender: deployed("steamer-recommender-toys"),
    operator: deployed("steamer-operator-toys"),
  };
}

/** What the program reads that is started with these flags, as recommender/main.ts reads it. */
function settingsIn(words: string[]): Settings {
  const list = words.find((word) => word.startsWith("--set-env-vars="))!.slice("--set-env-vars=".length);
  const [, delimiter, pairs] = /^\^(.)\^(.*)$/s.exec(list)!;
  const env = Object.fromEntries(pairs.split(delimiter).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const defaults = { host: "0.0.0.0", access: "iam" } as const;
  return readSettings({ env: { PORT: "8080", ...env }, file: { path: "none", values: {} }, defaults });
}

/** Another value than the default, for every setting that a recommender reads. */
const OTHERS: Record<string, unknown> = Object.fromEntries(
  Object.entries(SERVING).map(([name, schema]) => [name, otherThan(schema as Schema)]),
);
interface Schema {
  type: string | string[];
  default?: unknown;
  enum?: string[];
}
function otherThan({ type, default: value, enum: choices }: Schema): unknown {
  if (choices) return choices[1];
  if (type === "boolean") return !value;
  if (type === "integer") return Number(value ?? 80) + 1;
  if (type === "array") return ["https://shop.example", "https://other.example:8443"];
  return type === "string" ? "other" : { view_item: 0.25, add_to_cart: 3, purchase: 7 };
}
const DECIDED = ["host", "port", "access", "page", "opsHost", "opsPort", "tokenKeyFile"];

describe("the settings of a recommender on Cloud Run", () => {
  it("are all that the settings file says about serving, but for what the deployment decides", async () => {
    const given = { ...OTHERS, access: "keys" };
    const { recommender } = await deploy(given, { access: "keys" });
    const expected = Object.entries(given).filter(([name]) => !DECIDED.includes(name));
    expect(expected.length).toBeGreaterThanOrEqual(9);
    const { dataset: _ofNights, ...shop } = SHOP;
    expect(settingsIn(recommender)).toMatchObject({ ...shop, ...Object.fromEntries(expected), port: 8080 });
  });

  it("are the defaults where the file says nothing, and weights may be uniform", async () => {
    const plain = settingsIn((await deploy({})).recommender);
    for (const [name, schema] of Object.entries(SERVING).filter(([each]) => !DECIDED.includes(each)))
      expect([name, plain[name as keyof Settings]]).toEqual([name, (schema as Schema).default]);
    const { recommender } = await deploy({ queryWeights: null });
    expect(settingsIn(recommender).queryWeights).toBeNull();
  });

  it("have no gap: what the command offers for serving and queries is what a deployment passes on", () => {
    expect(Object.keys(SERVING).sort()).toEqual([...SETTING_GROUPS.server, ...SETTING_GROUPS.query].sort());
  });

  it("are refused when they would be taken apart in the wrong place", async () => {
    await expect(deploy({ origins: ["https://a|b"] })).rejects.toThrow(/steamer\.origins is https:\/\/a\|b/);
  });

  it("hold for Cloud Run too: it brings no more requests at once than are taken on", async () => {
    expect((await deploy({ maxConcurrent: 20 })).recommender).toContain("--concurrency=20");
    expect((await deploy({})).recommender).toContain("--concurrency=80");
  });
});

describe("who may call", () => {
  const callers = ["user:storefront@example.com"];
  const invokers = (changes: { words: string[] }[]) =>
    changes
      .filter(({ words }) => words.slice(0, 3).join(" ") === "run services add-iam-policy-binding")
      .map(({ words }) => `${words[3]} ${words.find((word) => word.startsWith("--member="))}`);

  it("with access iam is a caller, as Cloud Run sees it", async () => {
    const { recommender, changes } = await deploy({}, { callers });
    expect(recommender).toContain("--invoker-iam-check");
    expect(settingsIn(recommender).access).toBe("iam");
    expect(invokers(changes)).toEqual(["steamer-recommender-toys --member=user:storefront@example.com"]);
  });

  it("with access keys is who has a key, as the recommender sees it; the operator's page stays closed", async () => {
    const operators = ["group:operators@example.com"];
    const { recommender, operator, changes } = await deploy({}, { access: "keys", callers, operators });
    expect(recommender).toContain("--no-invoker-iam-check");
    expect(settingsIn(recommender).access).toBe("keys");
    expect(operator).toContain("--invoker-iam-check");
    expect(invokers(changes)).toEqual(["steamer-operator-toys --member=group:operators@example.com"]);
    for (const words of [recommender, operator]) expect(words).toContain("--no-allow-unauthenticated");
  });
});

describe("the operator's page", () => {
  it("is a service of its own: Cloud Run's port is the operator's listener, the public one stays inside", async () => {
    const { operator } = await deploy({ store: "datastore", maxConcurrent: 9 });
    expect(settingsIn(operator)).toMatchObject({
      ...{ host: "127.0.0.1", port: 8081, opsHost: "0.0.0.0", opsPort: 8080 },
      ...{ access: "iam", store: "datastore", maxConcurrent: 9 },
    });
    expect(operator).toEqual(expect.arrayContaining(["--port=8080", "--min-instances=0"]));
  });
});

describe("the secret that signs attribution tokens", () => {
  const added = ({ changes }: Awaited<ReturnType<typeof deploy>>) =>
    changes.filter(({ words }) => words.slice(0, 3).join(" ") === "secrets versions add");
  const mounted = ({ recommender }: Awaited<ReturnType<typeof deploy>>) =>
    recommender.find((word) => word.startsWith("--set-secrets="));

  it("is made once, is new each time, and is in no command", async () => {
    const [first, second] = [await deploy({}), await deploy({})];
    const keys = [first, second].map((project) => added(project)[0].input);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(keys).size).toBe(2);
    expect(JSON.stringify(first.changes.map(({ words }) => words))).not.toContain(keys[0]);
    expect(mounted(first)).toBe("--set-secrets=/secrets/token-key=steamer-token-key-toys:1");
    expect(settingsIn(first.recommender).tokenKeyFile).toBe("/secrets/token-key");
  });

  it("stays, and of several versions the newest that is enabled is read", async () => {
    const version = (number: number, state: string) => ({ name: `p/versions/${number}`, state });
    const versions = [version(3, "DISABLED"), version(2, "ENABLED"), version(1, "ENABLED")];
    const project = await deploy({}, {}, versions);
    expect(added(project)).toEqual([]);
    expect(mounted(project)).toMatch(/:2$/);
  });

  it("is made again when somebody has destroyed it, and when its making broke off", async () => {
    expect(added(await deploy({}, {}, [{ name: "p/versions/1", state: "DESTROYED" }]))).toHaveLength(1);
    expect(added(await deploy({}, {}, []))).toHaveLength(1);
  });
});
