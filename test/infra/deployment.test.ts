import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDeployment } from "../../infra/deployment.ts";
import { recommenderSize } from "../../infra/memory.ts";
import { checkBucketLocation } from "../../infra/steps/preflight.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const steamer = {
  shop: "s",
  project: "my-project",
  dataset: "analytics_1",
  data: "gs://my-data",
  pointer: "gs://my-pointer",
};
const read = (content: unknown) => {
  const file = join(folder, "settings.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return readDeployment(file);
};

describe("the settings file", () => {
  it("of the example can be deployed", () => {
    const { dataBucket, pointerBucket, deploy } = readDeployment("infra/settings/example.json");
    expect([dataBucket, pointerBucket]).toEqual(["my-project-steamer", "my-project-steamer-pointer"]);
    expect(deploy.access).toBe("iam");
  });

  it.each(["5 1-22 * * *", "*/10 * * * *", "0 4,16 1-7/2 JAN-mar mon-FRI", "0 0 * * 7"])(
    "has schedules as Cloud Scheduler takes them: %s",
    (schedule) => {
      const deploy = { schedule, ...(schedule.startsWith("5") ? {} : { catalogueSchedule: schedule }) };
      const table = { ...steamer, catalogue: "my-project.shop.products", tableDeadline: "00:00" };
      expect(read({ steamer: table, deploy }).deploy.schedule).toBe(schedule);
    },
  );

  it("has members as IAM writes them", () => {
    const callers = ["USER:Ann@Example.com", "serviceaccount:s@p.iam.gserviceaccount.com"];
    const operators = ["principal://iam.googleapis.com/locations/global/workforcePools/P/subject/Ann"];
    expect(read({ steamer, deploy: { callers, operators } }).deploy).toMatchObject({
      callers: ["user:ann@example.com", "serviceAccount:s@p.iam.gserviceaccount.com"],
      operators,
    });
  });

  it.each([
    ["{", /JSON/],
    ["[]", /not a JSON object/],
    [{ steamer, other: {} }, /no key other/],
    [{ steamer: { ...steamer, dataset: undefined } }, /steamer\.dataset is missing/],
    [{ steamer: { ...steamer, tops: 3 } }, /no setting steamer\.tops/],
    [{ steamer: { ...steamer, top: 0 } }, /steamer\.top does not fit/],
    [{ steamer, deploy: { alertEmails: ["nobody"] } }, /deploy\.alertEmails\.0 does not fit/],
    [{ steamer: { ...steamer, data: "folder" } }, /steamer\.data is folder/],
    [{ steamer: { ...steamer, pointer: steamer.data } }, /the same bucket/],
    [{ steamer: { ...steamer, region: "europe-west1" } }, /europe-west1 is not in steamer\.location US/],
    [{ steamer: { ...steamer, region: "us-central1-a" } }, /us-central1-a is a zone[^]*us-central1$/],
    [{ steamer: { ...steamer, shop: "s-" } }, /s- ends in a dash/],
    [{ steamer: { ...steamer, timeZone: "America/New_Yrok" } }, /America\/New_Yrok is no time zone/],
    [{ steamer, deploy: { schedule: "5 1-24 * * *" } }, /deploy\.schedule is no schedule: its hour is 1-24/],
    [{ steamer, deploy: { schedule: "every 5 hours a day" } }, /its minute is every/],
    [{ steamer, deploy: { minInstances: 6 } }, /minInstances 6 is above deploy\.maxInstances 5/],
    [{ steamer, deploy: { loadMemory: "33Gi" } }, /loadMemory is 33Gi: Cloud Run has no machine/],
    [{ steamer, deploy: { inferenceMemory: "256Mi" } }, /least is 512Mi/],
    [{ steamer: { ...steamer, shop: "s".repeat(30) } }, /too long/],
    [{ steamer: { ...steamer, shop: "s".repeat(29) } }, /leaves 28 .* deploy\.personalizer to false/],
    [{ steamer, deploy: { servedBy: "toys", personalizer: true } }, /deploy\.personalizer is about/],
    [
      { steamer: { ...steamer, "personal.ttlSeconds": 60 }, deploy: { servedBy: "toys" } },
      /steamer\.personal\.ttlSeconds is about/,
    ],
    [
      { steamer: { ...steamer, "reviews.perHour": 9 }, deploy: { servedBy: "toys" } },
      /steamer\.reviews\.perHour is about/,
    ],
    [{ steamer, deploy: { servedBy: "toys", inferenceMemory: "4Gi" } }, /deploy\.inferenceMemory is about/],
    [
      { steamer: { ...steamer, "reviews.on": true, "inference.model": "emotions" } },
      /inference\.model is emotions[^]*gs:\/\/my-data\/jobs\/inference\/<folder>/,
    ],
    [
      { steamer: { ...steamer, "reviews.on": true, "inference.model": "gs://my-data/jobs/inference/" } },
      /inference\.model is/,
    ],
    [
      { steamer: { ...steamer, "reviews.on": true, "reviews.callMs": 100_000 } },
      /reviews\.callMs 100000 and steamer\.reviews\.retries 2 the calls for one review may take 600 s[^]*has 240 s/,
    ],
    [{ steamer, deploy: { operators: ["allUsers"] } }, /deploy\.operators\.0 does not fit/],
    [{ steamer, deploy: { access: "open" } }, /deploy\.access does not fit/],
    [{ steamer: { ...steamer, shops: ["all"] } }, /name each shop/],
    [{ steamer: { ...steamer, shops: ["toys"] } }, /steamer\.shops leaves out s/],
    [{ steamer, deploy: { servedBy: "s" } }, /deploy\.servedBy is s itself/],
    [{ steamer, deploy: { servedBy: "toys", access: "keys" } }, /deploy\.access is about/],
    [{ steamer: { ...steamer, origins: [] }, deploy: { servedBy: "toys" } }, /steamer\.origins is about/],
    [{ steamer: { ...steamer, access: "keys" } }, /steamer\.access is keys, and deploy\.access iam/],
    [
      { steamer: { ...steamer, access: "iam" }, deploy: { access: "keys" } },
      /steamer\.access is iam, and deploy\.access keys/,
    ],
  ])("is refused, and what is wrong is named: %j", (content, why) => {
    expect(() => read(content)).toThrow(why);
  });

  it("may let in who has a key, and say so in both parts, or be open on one's own machine", () => {
    for (const access of ["keys", "open", undefined])
      expect(read({ steamer: { ...steamer, access }, deploy: { access: "keys" } }).deploy.access).toBe(
        "keys",
      );
  });

  it("may have a long deadline for the inference service, without retries or without reviews", () => {
    const slow = { ...steamer, "reviews.callMs": 100_000 };
    for (const more of [{ "reviews.on": true, "reviews.retries": 0 }, {}])
      expect(() => read({ steamer: { ...slow, ...more } })).not.toThrow();
  });

  it("may place a region in a multi-region, and a bucket in a region of it", () => {
    const { region } = read({ steamer: { ...steamer, location: "EU", region: "europe-west4" } }).steamer;
    expect(region).toBe("europe-west4");
    expect(() => checkBucketLocation("b", "EUROPE-WEST4", "EU")).not.toThrow();
    expect(() => checkBucketLocation("b", "US", "EU")).toThrow(/cannot export/);
  });
});

describe("the recommender's size", () => {
  const MB = 1e6;
  it.each([
    [null, "1024Mi", 1],
    [0, "512Mi", 1],
    [100 * MB, "768Mi", 1],
    [1_000 * MB, "3840Mi", 1],
    [2_000 * MB, "7168Mi", 2],
    [9_000 * MB, "30464Mi", 8],
  ])(
    "for a snapshot of %s bytes is %s and %s CPUs: a swap fits, and the next model may be a quarter larger",
    (bytes, memory, cpu) => {
      expect(recommenderSize([bytes])).toEqual({ memory, cpu });
    },
  );

  it("for several shops is that of the largest, and what the others hold, for one swaps at a time", () => {
    expect(recommenderSize([1_000 * MB, 0, 0])).toEqual(recommenderSize([1_000 * MB]));
    expect(recommenderSize([1_000 * MB, 400 * MB]).memory).toBe("4352Mi");
    expect(recommenderSize([400 * MB, 1_000 * MB]).memory).toBe("4352Mi");
    expect(recommenderSize([null, null]).memory).toBe("1536Mi");
  });

  it("has an end, which says what to do", () => {
    expect(() => recommenderSize([10_000 * MB])).toThrow(/steamer\.store to datastore/);
  });
});
