import { describe, expect, it } from "vitest";
import { SETTING_GROUPS, type Settings } from "../../contracts/settings/settings.ts";
import { SERVING } from "../../infra/serving.ts";
import {
  deploy,
  OPERATOR,
  othersThan,
  PERSONALIZER,
  project,
  RECOMMENDER,
  settingsIn,
  SHOP,
  UNCHECKED,
  valueOf,
  type Change,
  type Schema,
} from "./run-services.ts";

const DECIDED = [
  "host",
  "port",
  "access",
  "page",
  "opsHost",
  "opsPort",
  "tokenKeyFile",
  "personal.address",
  "personal.auth",
  "reviews.address",
  "reviews.auth",
];

describe("the settings of a recommender on Cloud Run", () => {
  it("are all that the settings file says about serving, but for what the deployment decides", async () => {
    const given = { ...othersThan(SERVING.recommender), access: "keys" };
    const { recommender } = await deploy(given, { access: "keys" });
    const expected = Object.entries(given).filter(([name]) => !DECIDED.includes(name));
    expect(expected.length).toBeGreaterThanOrEqual(9);
    const { dataset: _ofNights, ...shop } = SHOP;
    expect(settingsIn(recommender)).toMatchObject({ ...shop, ...Object.fromEntries(expected), port: 8080 });
  });

  it("are the defaults where the file says nothing, and weights may be uniform", async () => {
    const plain = settingsIn((await deploy({})).recommender);
    for (const [name, schema] of Object.entries(SERVING.recommender).filter(
      ([each]) => !DECIDED.includes(each),
    ))
      expect([name, plain[name as keyof Settings]]).toEqual([name, (schema as Schema).default]);
    const { recommender } = await deploy({ queryWeights: null });
    expect(settingsIn(recommender).queryWeights).toBeNull();
  });

  it("have no gap: what the command offers for serving and queries is what a deployment passes on", () => {
    const { server, query, personal, reviews } = SETTING_GROUPS;
    const ofNights = ["personal.ahead", "reviews.weight", "reviews.penalty"];
    const offered = Object.keys({ ...server, ...query, ...personal, ...reviews });
    expect(Object.keys(SERVING.recommender).sort()).toEqual(
      offered.filter((name) => !ofNights.includes(name)).sort(),
    );
  });

  it("name the shops that it serves, for whom it has memory; the operator's page shows them all", async () => {
    const shops = ["toys", "cars"];
    const { recommender, operator } = await deploy({ shops });
    for (const words of [recommender, operator]) {
      expect(settingsIn(words).shops).toEqual(shops);
      expect(words).toContain("--memory=1536Mi");
    }
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
  const operators = ["group:operators@example.com"];
  const rights = (changes: Change[]) =>
    changes
      .filter(({ words }) => words.slice(0, 3).join(" ") === "run services add-iam-policy-binding")
      .filter(({ words }) => words[3] !== PERSONALIZER)
      .map(({ words }) => `${words[3]} ${valueOf(words, "role")} ${valueOf(words, "member")}`);

  it("with access iam is a caller, as Cloud Run sees it", async () => {
    const { recommender, changes } = await deploy({}, { callers });
    expect(recommender).toContain("--invoker-iam-check");
    expect(settingsIn(recommender).access).toBe("iam");
    expect(rights(changes)).toEqual([`${RECOMMENDER} roles/run.invoker ${callers[0]}`]);
  });

  it("with access keys is who has a key, as the recommender sees it; the operator's page stays closed", async () => {
    const { recommender, operator, changes } = await deploy({}, { access: "keys", callers, operators });
    expect(settingsIn(recommender).access).toBe("keys");
    expect(operator).toContain("--invoker-iam-check");
    // `gcloud run services proxy` must see the service, so its users need the right to view it.
    expect(rights(changes)).toEqual(
      ["roles/run.invoker", "roles/run.viewer"].map((role) => `${OPERATOR} ${role} ${operators[0]}`),
    );
    for (const words of [recommender, operator]) expect(words).toContain("--no-allow-unauthenticated");
  });

  /** A deployment's changes of a service, with their effect on the check of callers. */
  const steps = (changes: Change[], name = RECOMMENDER) =>
    changes
      .filter(({ words }) => words.includes(name))
      .map(({ words }) => {
        const access = /STEAMER_ACCESS=(\w+)/.exec(words.join(" "))?.[1];
        const about = words.filter((word) => /invoker-iam-check$|^--member=/.test(word));
        return [...words.slice(0, words.indexOf(name)), ...(access ? [access] : []), ...about].join(" ");
      });

  it("changes in this order: no revision answers everybody that does not look at keys", async () => {
    const { deploy } = project();
    const add = `run services add-iam-policy-binding --member=${callers[0]}`;
    const remove = `run services remove-iam-policy-binding --member=${callers[0]}`;
    const iam = { callers };
    const keys = { callers, access: "keys" };
    expect(steps(await deploy({}, iam))).toEqual(["run deploy iam --invoker-iam-check", add]);
    expect(steps(await deploy({}, keys))).toEqual([
      "run deploy keys --invoker-iam-check",
      "run services update --no-invoker-iam-check",
      remove,
    ]);
    // Callers with a key are served while the next revision starts.
    expect(steps(await deploy({ maxConcurrent: 20 }, keys))).toEqual(["run deploy keys"]);
    expect(steps(await deploy({ maxConcurrent: 20 }, keys))).toEqual([]);
    expect(steps(await deploy({}, iam))).toEqual([add, "run deploy iam --invoker-iam-check"]);
  });

  it("stays as it is when the revision that looks at keys does not start, or does not get all requests", async () => {
    const { deploy, state, services } = project();
    const isOpen = () => services.get(RECOMMENDER)!.metadata.annotations![UNCHECKED];
    await deploy({}, { callers });
    state.failing = true;
    await expect(deploy({}, { access: "keys" })).rejects.toThrow("gcloud run deploy");
    expect(isOpen()).toBe("False");
    Object.assign(state, { failing: false, pinned: true });
    await expect(deploy({}, { access: "keys" })).rejects.toThrow(/update-traffic.*--to-latest/);
    expect(isOpen()).toBe("False");
    state.pinned = false;
    await deploy({ maxConcurrent: 20 }, { access: "keys" });
    expect(isOpen()).toBe("True");
  });

  it("is closed again while a revision follows one that did not start", async () => {
    const { deploy, state } = project();
    await deploy({}, { access: "keys" });
    state.failing = true;
    await expect(deploy({ maxConcurrent: 20 }, { access: "keys" })).rejects.toThrow("gcloud run deploy");
    state.failing = false;
    expect(steps(await deploy({ maxConcurrent: 20 }, { access: "keys" }))).toEqual([
      "run deploy keys --invoker-iam-check",
      "run services update --no-invoker-iam-check",
    ]);
  });

  it("is whom the file names: a check that is off is turned on, and who is not named loses the right", async () => {
    const { deploy, services } = project();
    const two = ["user:ann@example.com", "user:bob@example.com"];
    await deploy({}, { callers: two, operators: two });
    services.get(RECOMMENDER)!.metadata.annotations![UNCHECKED] = "true";
    const changes = await deploy({}, { callers: ["user:ann@example.com"], operators: [] });
    expect(steps(changes)).toContain("run services update --invoker-iam-check");
    expect(steps(changes).at(-1)).toBe(`run services remove-iam-policy-binding --member=${two[1]}`);
    const remove = two.map((member) => `run services remove-iam-policy-binding --member=${member}`);
    expect(steps(changes, OPERATOR)).toEqual([...remove, ...remove]);
  });
});

describe("the operator's page", () => {
  it("is a service of its own: Cloud Run's port is the operator's listener, the public one stays inside", async () => {
    const { operator } = await deploy({ store: "datastore", maxConcurrent: 9 });
    expect(settingsIn(operator)).toMatchObject({
      host: "127.0.0.1",
      port: 8081,
      opsHost: "0.0.0.0",
      opsPort: 8080,
      access: "iam",
      store: "datastore",
      maxConcurrent: 9,
    });
    expect(operator).toEqual(
      expect.arrayContaining(["--port=8080", "--min-instances=0", "--no-cpu-throttling"]),
    );
    // The operator's page signs no tokens.
    expect(operator.join(" ")).not.toMatch(/set-secrets|TOKEN_KEY/);
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
