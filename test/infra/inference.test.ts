import { describe, expect, it } from "vitest";
import { SCORE_REVIEW } from "../../contracts/google-names.ts";
import { SETTING_GROUPS } from "../../contracts/settings/settings.ts";
import { SERVING } from "../../infra/serving.ts";
import {
  deploy,
  deployedSettingsIn,
  INFERENCE,
  othersThan,
  project,
  RECOMMENDER,
  settingsIn,
  valueOf,
  type Change,
} from "./run-services.ts";

const HOST = `${INFERENCE}-abc-uc.a.run.app`;
const ON = { "reviews.on": true };
const TOLD = { "reviews.on": true, "reviews.address": `${HOST}:443`, "reviews.auth": "google" };

const about = (changes: Change[], ...words: string[]) =>
  changes.filter((change) => words.every((word) => change.words.includes(word)));

describe("the inference service on Cloud Run", () => {
  it("speaks HTTP/2 alone, is probed over gRPC, and has two processors and the memory of the file", async () => {
    const { inference } = await deploy(ON);
    const probe = expect.stringContaining("grpc.port=8080,grpc.service=liveness");
    const size = ["--memory=2Gi", "--cpu=2", "--min-instances=0", "--max-instances=3", "--concurrency=500"];
    expect(inference).toEqual(expect.arrayContaining(["--use-http2", "--port=8080", ...size]));
    expect(inference.filter((word) => word.includes("-probe="))).toEqual([probe, probe]);
    const more = { inferenceMemory: "16Gi", inferenceMinInstances: 1, inferenceMaxInstances: 7 };
    expect((await deploy(ON, more)).inference).toEqual(
      expect.arrayContaining(["--memory=16Gi", "--cpu=4", "--min-instances=1", "--max-instances=7"]),
    );
  });

  it("has an account of its own; the function may call it, and operators, for rescoring", async () => {
    const operators = ["group:operators@example.com"];
    const { inference, changes } = await deploy(ON, { access: "keys", operators });
    const account = (name: string) => `steamer-${name}@my-project.iam.gserviceaccount.com`;
    expect(inference).toContain(`--service-account=${account("inference")}`);
    expect(inference).toContain("--invoker-iam-check");
    const rights = about(changes, "add-iam-policy-binding", INFERENCE);
    expect(rights.map(({ words }) => `${valueOf(words, "role")} ${valueOf(words, "member")}`)).toEqual(
      [`serviceAccount:${account("score-review")}`, ...operators].map((who) => `roles/run.invoker ${who}`),
    );
  });

  it("has the settings of the file, but for what the deployment decides", async () => {
    const place = "gs://my-data/jobs/inference/";
    expect(settingsIn((await deploy(ON)).inference)["inference.model"]).toBe(`${place}sentiment`);
    const labels = { "inference.labels": { sadness: "0.2", "very good": "1" } };
    const given = { ...othersThan(SERVING.inference), ...labels, "inference.model": `${place}six` };
    const settings = settingsIn((await deploy({ ...given, ...ON })).inference);
    const { shops: _ofRecommenders, ...own } = given as Record<string, unknown>;
    const decided = ["host", "port", "opsHost", "opsPort"].map((name) => `inference.${name}`);
    const passed = Object.entries(own).filter(([name]) => !decided.includes(name));
    expect(settings).toMatchObject(Object.fromEntries(passed));
    for (const name of Object.keys(SETTING_GROUPS.inference)) expect(given).toHaveProperty([name]);
    expect(settings["inference.opsPort"]).toBeUndefined();
  });

  it("is there for shops that take reviews alone", async () => {
    const { changes, recommender } = await deploy({ "reviews.address": "127.0.0.1:50052" });
    expect(about(changes, INFERENCE)).toEqual([]);
    expect(settingsIn(recommender)).toMatchObject({ "reviews.on": false });
  });
});

describe("who scores reviews", () => {
  it("is the function, which is told the address in the shop's settings; the recommender takes reviews", async () => {
    const { deploy, objects } = project();
    const own = { ...ON, "reviews.perHour": 9, "reviews.address": "127.0.0.1:50052" };
    const [{ words }] = about(await deploy(own), "deploy", RECOMMENDER);
    expect(settingsIn(words)).toMatchObject({ ...ON, "reviews.perHour": 9 });
    expect(await deployedSettingsIn(objects)).toMatchObject({ ...TOLD, "reviews.perHour": 9 });
  });

  it("looks every minute for what was left behind, with a token of its own", async () => {
    const { deploy, jobs } = project();
    await deploy(ON);
    expect([...jobs.keys()].sort()).toEqual(["steamer-toys", "steamer_reviews_toys"]);
    const url = `https://us-central1-my-project.cloudfunctions.net/${SCORE_REVIEW}`;
    expect(jobs.get("steamer_reviews_toys")).toEqual(
      expect.arrayContaining([
        "--schedule=* * * * *",
        `--uri=${url}`,
        '--message-body={"shop":"toys"}',
        "--oidc-service-account-email=steamer-review-tasks@my-project.iam.gserviceaccount.com",
        `--oidc-token-audience=${url}`,
      ]),
    );
    expect(about(await deploy(ON), "scheduler")).toEqual([]);
  });

  describe("of a shop that another one's recommender serves", () => {
    const toys = { shops: ["toys", "cars"], ...ON, "reviews.callMs": 7000 };
    const CARS = { shop: "cars", "reviews.weight": 3 };
    const both = ["steamer_reviews_cars", "steamer_reviews_toys"];
    const looked = (jobs: Map<string, unknown>) =>
      [...jobs.keys()].filter((name) => name.includes("_")).sort();

    it.each(["before", "after"])("goes by the other one's settings, deployed %s it", async (order) => {
      const { deploy, objects, jobs } = project();
      if (order === "after") {
        await deploy(toys);
        expect(looked(jobs)).toEqual(["steamer_reviews_toys"]);
      }
      await deploy(CARS, { servedBy: "toys" });
      if (order === "before") await deploy(toys);
      expect(await deployedSettingsIn(objects, "cars")).toMatchObject({
        ...CARS,
        ...TOLD,
        "reviews.callMs": 7000,
      });
      expect(looked(jobs)).toEqual(both);
    });

    it("takes no more reviews once the other one takes none", async () => {
      const { deploy, objects, jobs } = project();
      await deploy(toys);
      await deploy(CARS, { servedBy: "toys" });
      await deploy({ shops: toys.shops });
      expect(looked(jobs)).toEqual([]);
      const settings = await deployedSettingsIn(objects, "cars");
      for (const name of ["reviews.on", "reviews.address"]) expect(settings).not.toHaveProperty([name]);
    });

    it("is looked for no more when it has a recommender of its own that takes none", async () => {
      const { deploy, jobs } = project();
      await deploy(toys);
      await deploy(CARS, { servedBy: "toys" });
      await deploy(CARS);
      expect(looked(jobs)).toEqual(["steamer_reviews_toys"]);
    });
  });
});

it("without reviews.on the service that was there is deleted, once nobody asks it any more", async () => {
  const { deploy, services, objects, jobs } = project();
  await deploy(ON);
  const changes = await deploy({});
  expect(changes.at(-1)!.words.slice(0, 4)).toEqual(["run", "services", "delete", INFERENCE]);
  expect(services.has(INFERENCE)).toBe(false);
  expect([...jobs.keys()]).toEqual(["steamer-toys"]);
  expect(await deployedSettingsIn(objects)).not.toHaveProperty(["reviews.address"]);
  expect(about(await deploy({}), "run")).toEqual([]);
});
