import { describe, expect, it } from "vitest";
import { paths } from "../../contracts/layout.ts";
import { SETTING_GROUPS } from "../../contracts/settings/settings.ts";
import { SERVING } from "../../infra/serving.ts";
import {
  deploy,
  deployedSettingsIn,
  OPERATOR,
  othersThan,
  PERSONALIZER,
  project,
  RECOMMENDER,
  settingsIn,
  SHOP,
  type Change,
} from "./run-services.ts";

const HOST = `${PERSONALIZER}-abc-uc.a.run.app`;
const NONE = [{ "als.factors": 0 }, { engine: "bigquery" }];

const about = (changes: Change[], ...words: string[]) =>
  changes.filter((change) => words.every((word) => change.words.includes(word)));

describe("the Personalizer on Cloud Run", () => {
  it("speaks HTTP/2 alone on one port, and is probed over gRPC by a name that needs no model", async () => {
    const { personalizer } = await deploy({});
    const probe = expect.stringContaining("grpc.port=8080,grpc.service=liveness");
    expect(personalizer).toEqual(
      expect.arrayContaining(["--use-http2", "--port=8080", "--no-cpu-throttling", "--memory=1024Mi"]),
    );
    expect(personalizer.filter((word) => word.includes("-probe="))).toEqual([probe, probe]);
    expect(personalizer.join(" ")).not.toContain("httpGet");
  });

  it("has an account of its own, and the function alone may call it", async () => {
    const { personalizer, changes } = await deploy({}, { access: "keys", callers: ["user:a@example.com"] });
    expect(personalizer).toEqual(
      expect.arrayContaining([
        "--service-account=steamer-personalizer@my-project.iam.gserviceaccount.com",
        "--no-allow-unauthenticated",
        "--invoker-iam-check",
      ]),
    );
    const [{ words }, ...others] = about(changes, "add-iam-policy-binding", PERSONALIZER);
    expect(words).toContain("--member=serviceAccount:steamer-personalize@my-project.iam.gserviceaccount.com");
    expect(words).toContain("--role=roles/run.invoker");
    expect(others).toEqual([]);
  });

  it("has the settings of the file, but for what the deployment decides", async () => {
    const given = othersThan(SERVING.personalizer);
    const settings = settingsIn((await deploy(given)).personalizer);
    const decided = ["host", "port", "opsHost", "opsPort"].map((name) => `personalizer.${name}`);
    const passed = Object.entries(given).filter(([name]) => !decided.includes(name));
    expect(settings).toMatchObject({ ...Object.fromEntries(passed), shop: "toys", data: SHOP.data });
    for (const name of Object.keys(SETTING_GROUPS.personalizer)) expect(given).toHaveProperty([name]);
    expect(settings["personalizer.opsPort"]).toBeUndefined();
  });

  it("is brought no more calls at once than it takes on, and has as many instances as the file says", async () => {
    expect((await deploy({})).personalizer).toEqual(
      expect.arrayContaining(["--concurrency=200", "--min-instances=0", "--max-instances=3"]),
    );
    const instances = { personalizerMinInstances: 2, personalizerMaxInstances: 9 };
    const { personalizer } = await deploy({ "personalizer.maxCalls": 5000 }, instances);
    expect(personalizer).toEqual(
      expect.arrayContaining(["--concurrency=1000", "--min-instances=2", "--max-instances=9"]),
    );
  });

  it("has memory for its models: all files, those of the items' factors twice", async () => {
    const { deploy, objects } = project();
    const file = (bytes: number) => ({ path: "p", bytes, sha256: "0".repeat(64) });
    const [model, mib] = ["2026-11-21.1", 2 ** 20];
    const factors = { items: file(100 * mib), users: file(600 * mib) };
    const load = { metrics: { items: 1, snapshot: file(200 * mib), factors } };
    objects.set(`gs://my-pointer/${paths.pointer("toys")}`, JSON.stringify({ model }));
    objects.set(`gs://my-data/${paths.manifest("toys", model)}`, JSON.stringify({ stages: { load } }));
    // 256 + 2.875 x 1000, in steps of 256
    const [{ words }] = about(await deploy({}), "deploy", PERSONALIZER);
    expect(words).toContain("--memory=3328Mi");
  });

  it("serves all shops that the recommender serves", async () => {
    const { personalizer } = await deploy({ shops: ["toys", "cars"] });
    expect(settingsIn(personalizer).shops).toEqual(["toys", "cars"]);
    expect(personalizer).toContain("--memory=1280Mi");
  });
});

describe("who asks for users' lists", () => {
  it("is told the Personalizer's address: the recommender, and the functions in the shop's settings", async () => {
    const { deploy, objects } = project();
    const place = { region: "us-east1" };
    const own = { ...place, "personal.address": "127.0.0.1:50051", "personal.ttlSeconds": 60 };
    const [{ words }] = about(await deploy(own), "deploy", RECOMMENDER);
    const told = { "personal.address": `${HOST}:443`, "personal.auth": "google", "personal.ttlSeconds": 60 };
    // The queue lies in its region.
    expect(settingsIn(words)).toMatchObject({ ...told, ...place });
    expect(await deployedSettingsIn(objects)).toMatchObject(told);
  });

  it("is nobody on the operator's page", async () => {
    expect(settingsIn((await deploy({})).operator)["personal.address"]).toBeUndefined();
  });

  describe("of a shop that another one's recommender serves", () => {
    const CARS = { shop: "cars", top: 30 };
    const shared = {
      "personal.ttlSeconds": 60,
      "als.blend": 0.7,
      queryWeights: { view_item: 1, add_to_cart: 1, purchase: 9 },
      includeInput: true,
    };
    const toys = { shops: ["toys", "cars"], ...shared, top: 20 };

    it.each(["before", "after"])("goes by the other one's settings, deployed %s it", async (order) => {
      const { deploy, objects } = project();
      if (order === "after") await deploy(toys);
      const changes = await deploy(CARS, { servedBy: "toys" });
      if (order === "before") await deploy(toys);
      expect(about(changes, "deploy")).toEqual([]);
      const settings = await deployedSettingsIn(objects, "cars");
      expect(settings).toMatchObject({ ...CARS, ...shared, "personal.address": `${HOST}:443` });
      for (const name of ["shops", "servedBy"]) expect(settings).not.toHaveProperty(name);
    });

    it("has no Personalizer any more once the other one has none, and may say how many lists ahead", async () => {
      const { deploy, objects } = project();
      await deploy({ ...toys, "personal.ahead": 500 });
      await deploy({ ...CARS, "personal.ahead": 5 }, { servedBy: "toys" });
      await deploy(toys, { personalizer: false });
      const settings = await deployedSettingsIn(objects, "cars");
      expect(settings).toMatchObject({ "personal.ahead": 5 });
      expect(settings).not.toHaveProperty(["personal.address"]);
    });
  });
});

describe("without factors, or with deploy.personalizer false", () => {
  it.each(NONE)("there is no Personalizer, and nobody asks for lists: %j", async (steamer) => {
    const { changes, recommender } = await deploy({ ...steamer, "personal.address": "127.0.0.1:50051" });
    expect(about(changes, PERSONALIZER)).toEqual([]);
    expect(settingsIn(recommender)["personal.address"]).toBeUndefined();
  });

  it("the one that was there is deleted, once the recommender asks no more", async () => {
    const { deploy, services, objects } = project();
    await deploy({});
    const changes = await deploy({}, { personalizer: false });
    const words = changes.map((change) => change.words.slice(0, 4).join(" "));
    expect(words.at(-1)).toBe(`run services delete ${PERSONALIZER}`);
    expect(words).toContain(`run deploy ${RECOMMENDER} --region=us-central1`);
    expect([...services.keys()].sort()).toEqual([OPERATOR, RECOMMENDER]);
    expect(await deployedSettingsIn(objects)).not.toHaveProperty(["personal.address"]);
    const again = await deploy({}, { personalizer: false });
    expect(again.filter((change) => ["run", "storage"].includes(change.words[0]))).toEqual([]);
  });
});
