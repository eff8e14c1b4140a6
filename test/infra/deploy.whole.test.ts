import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCloud } from "../../infra/cloud.ts";
import type { Execute } from "../../infra/command-line.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { deployRecommender } from "../../infra/steps/recommender.ts";
import { Children } from "../stand-ins/platform/child.ts";
import { temporaryFolder } from "../temporary.ts";
import { GoogleCloud } from "./google-cloud.ts";
import { startProxy, type Call } from "./proxy.ts";
import { startWarmGcloud } from "./warm-gcloud.ts";

const PROJECT = "my-project";
const SETTINGS = {
  steamer: {
    shop: "my-shop",
    project: PROJECT,
    dataset: "analytics_1",
    timeZone: "America/New_York",
    data: "gs://my-data",
    pointer: "gs://my-pointer",
    stores: "both",
    "reviews.on": true,
  },
  deploy: {
    alertEmails: ["nights@example.com"],
    operators: ["group:operators@example.com"],
    callers: ["user:storefront@example.com"],
  },
};
/** Another shop of the project, whose recommender checks keys, and serves a third shop. */
const OTHER = {
  steamer: {
    ...SETTINGS.steamer,
    shop: "toys",
    shops: ["toys", "cars"],
    "reviews.on": false,
    origins: ["https://toys.example", "https://m.toys.example"],
  },
  deploy: { ...SETTINGS.deploy, access: "keys" },
};
/** Rights of older releases, under another condition and under none; and somebody else's. */
const OUTDATED = [
  {
    role: "roles/storage.objectViewer",
    members: [`serviceAccount:steamer-build@${PROJECT}.iam.gserviceaccount.com`],
    condition: {
      title: "sources, and more",
      expression: 'resource.name.startsWith("projects/_/buckets/gcf")',
    },
  },
  {
    role: "roles/datastore.user",
    members: [`serviceAccount:steamer-dataflow@${PROJECT}.iam.gserviceaccount.com`, "user:ann@example.com"],
  },
];
const { callers: _ofRecommenders, ...nights } = SETTINGS.deploy;
const { "reviews.on": _ofToys, ...ofNights } = SETTINGS.steamer;
const SERVED = { steamer: { ...ofNights, shop: "cars" }, deploy: { ...nights, servedBy: "toys" } };
const isThere = (tool: string) => spawnSync(tool, ["--version"]).error === undefined;

/**
 * The installed gcloud against a stand-in for the cloud's management: the tests check its requests.
 */
describe.skipIf(!["gcloud", "bq", "openssl"].every(isThere))(
  "infra/deploy, run by the installed gcloud",
  () => {
    const folder = temporaryFolder();
    const cloud = new GoogleCloud(PROJECT);
    const runs: Record<string, { output: string; calls: Call[] }> = {};
    const children = new Children();
    let close = () => {};
    let both: typeof cloud.resources;
    let left: typeof cloud.resources;
    let deployed: { policies: typeof cloud.policies; resources: typeof cloud.resources };

    beforeAll(async () => {
      const proxy = await startProxy(folder, cloud.answer);
      close = proxy.close;
      const file = (name: string, content: string) => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      };
      mkdirSync(join(folder, "spark"));
      for (const name of ["main.py", "steamer_spark.zip", "packages.tar.gz"]) file(`spark/${name}`, name);
      const settings = file("settings.json", JSON.stringify(SETTINGS));
      const other = file("other.json", JSON.stringify(OTHER));
      const served = file("served.json", JSON.stringify(SERVED));
      const env = {
        ...process.env,
        CLOUDSDK_CONFIG: join(folder, "gcloud"),
        CLOUDSDK_PROXY_TYPE: "http",
        CLOUDSDK_PROXY_ADDRESS: "127.0.0.1",
        CLOUDSDK_PROXY_PORT: `${proxy.port}`,
        CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: proxy.ca,
        CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: file("token", "no-real-token"),
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
        ...(await startWarmGcloud(children, folder)),
      };
      const run = async (name: string, ...words: string[]) => {
        const before = proxy.calls.length;
        const ended = promisify(execFile)(words[0], words.slice(1), { env });
        const isRefused = name.endsWith("too early");
        const { stdout, stderr } = await (isRefused ? ended.then(failure, outcome) : ended);
        runs[name] = { output: stdout + stderr, calls: proxy.calls.slice(before) };
      };
      /** The recommender's step alone, with another access. */
      const switchTo = async (access: "iam" | "keys") => {
        const switched = { ...SETTINGS, deploy: { ...SETTINGS.deploy, access } };
        const deployment = readDeployment(file("switched.json", JSON.stringify(switched)));
        const execute: Execute = (tool, words) =>
          new Promise((resolve) =>
            execFile(tool, words, { env }, (error, stdout, stderr) =>
              resolve({ status: error ? 1 : 0, stdout, stderr }),
            ),
          );
        const before = proxy.calls.length;
        await deployRecommender(openCloud(deployment, { execute }), join(folder, "spark"));
        runs[`access ${access}`] = { output: "", calls: proxy.calls.slice(before) };
      };
      const spark = ["--spark", join(folder, "spark")];
      cloud.policies.get(`projects/${PROJECT}`)!.bindings.push(...OUTDATED);
      await run("first", "infra/deploy", settings, ...spark);
      deployed = structuredClone({ policies: cloud.policies, resources: cloud.resources });
      await run("second", "infra/deploy", settings, ...spark);
      for (const access of ["keys", "iam"] as const) await switchTo(access);
      await run("served too early", "infra/deploy", served, ...spark);
      await run("other", "infra/deploy", other, ...spark);
      await run("served", "infra/deploy", served, ...spark);
      both = structuredClone(cloud.resources);
      await run("other teardown too early", "infra/teardown", other, "--delete-data");
      await run("served teardown", "infra/teardown", served, "--delete-data");
      await run("other teardown", "infra/teardown", other, "--delete-data");
      left = structuredClone(cloud.resources);
      await run("teardown", "infra/teardown", settings);
      const submit = ["gcloud", "builds", "submit", "--no-source", "--suppress-logs", `--project=${PROJECT}`];
      await run("cloudbuild", ...submit, "--region=us-central1", "--config=cloudbuild.yaml");
    }, 2_400_000);
    afterAll(async () => {
      close();
      await children.close();
    });

    it("asks for nothing that the stand-in has never heard of", () => expect(cloud.unknown).toEqual([]));

    it("changes nothing the second time, and says so", () => {
      expect(runs["first"].output).toMatch(/\d+ changes made\./);
      expect(runs["second"].output).toMatch(/Nothing to change\./);
      expect(runs["first"].calls.filter(isWrite).length).toBeGreaterThan(100);
      expect(runs["second"].calls.filter(isWrite).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    });

    it("gives every account the rights of this table, and no others", () => {
      expect(rightsIn(deployed.policies).sort()).toEqual(
        RIGHTS.trim()
          .split("\n")
          .map((line) => line.trim())
          .sort(),
      );
    });

    it("reads the dataset with the accounts that need to", () => {
      const { access } = deployed.resources.get("bigquery/analytics_1")!;
      const shown = (access as { role: string; userByEmail: string }[]).map(
        ({ role, userByEmail }) => `${role} ${short(`serviceAccount:${userByEmail}`)}`,
      );
      expect(shown.sort()).toEqual([
        "READER export",
        ...["deployer", "runs", "start-run"].map((name) => `roles/bigquery.metadataViewer ${name}`),
      ]);
    });

    it("makes private functions, each with an account of its own", () => {
      const prefix = `projects/${PROJECT}/locations/us-central1/functions/`;
      for (const name of [...FUNCTIONS.split(" "), "personalize", "score-review"]) {
        const { buildConfig, serviceConfig, labels } = deployed.resources.get(prefix + name)!;
        expect(buildConfig).toMatchObject({ runtime: "nodejs24", entryPoint: name });
        expect(serviceConfig).toMatchObject({
          serviceAccountEmail: `steamer-${name}@${PROJECT}.iam.gserviceaccount.com`,
          ingressSettings: "ALLOW_ALL",
          environmentVariables: {
            STEAMER_PROJECT: PROJECT,
            STEAMER_REGION: "us-central1",
            STEAMER_DATA: "gs://my-data",
            STEAMER_POINTER: "gs://my-pointer",
          },
        });
        expect(labels).toMatchObject({ app: "steamer" });
      }
      expect(JSON.stringify([...deployed.policies.values()])).not.toMatch(/allUsers|allAuthenticatedUsers/);
    });

    it("makes buckets that nobody outside can be let into, and keeps the pointer's history", () => {
      for (const name of ["my-data", "my-pointer"]) {
        const { iamConfiguration, location } = deployed.resources.get(`buckets/${name}`)!;
        expect(location).toBe("US");
        expect(iamConfiguration).toMatchObject({
          publicAccessPrevention: "enforced",
          uniformBucketLevelAccess: { enabled: true },
        });
      }
      expect(deployed.resources.get("buckets/my-pointer")!.versioning).toEqual({ enabled: true });
      const rules = deployed.resources.get("buckets/my-data")!.lifecycle.rule;
      expect(
        rules.map((rule: { condition: { matchesPrefix: string[] } }) => rule.condition.matchesPrefix),
      ).toEqual([["tmp/", "google-cloud-dataproc-metainfo/", "jobs/source/"]]);
    });

    it("deploys the recommender as it was built, with its CPU always on", () => {
      const { metadata, spec } = deployed.resources.get("runservices/steamer-recommender-my-shop")!;
      expect(metadata.labels).toMatchObject({ app: "steamer", shop: "my-shop" });
      const { metadata: revision, spec: pod } = spec.template;
      expect(revision.annotations).toMatchObject({ "run.googleapis.com/cpu-throttling": "False" });
      const [container] = pod.containers;
      expect(container.image).toMatch(
        /us-central1-docker\.pkg\.dev\/my-project\/steamer\/recommender@sha256:/,
      );
      expect(container.resources.limits).toEqual({ cpu: "1", memory: "1024Mi" });
      expect(container.startupProbe.httpGet.path).toBe("/livez");
      expect(pod.serviceAccountName).toBe("steamer-recommender@my-project.iam.gserviceaccount.com");
    });

    it("deploys the gRPC services for HTTP/2 on one port, each with an account of its own", () => {
      for (const name of ["personalizer", "inference"]) {
        const { template } = deployed.resources.get(`runservices/steamer-${name}-my-shop`)!.spec;
        const [{ ports, startupProbe, livenessProbe, image }] = template.spec.containers;
        expect(ports).toEqual([{ containerPort: 8080, name: "h2c" }]);
        for (const probe of [startupProbe, livenessProbe])
          expect(probe.grpc).toEqual({ port: 8080, service: "liveness" });
        expect(image).toContain(`/steamer/${name}@sha256:`);
        expect(template.spec.serviceAccountName).toBe(`steamer-${name}@my-project.iam.gserviceaccount.com`);
      }
      const { env } = deployed.resources.get("runservices/steamer-recommender-my-shop")!.spec.template.spec
        .containers[0];
      expect(env).toContainEqual({ name: "STEAMER_PERSONAL_ADDRESS", value: "r:443" });
    });

    it("keeps users' lists in a database of their own, and computes them from a queue of their own", () => {
      const database = deployed.resources.get(`projects/${PROJECT}/databases/steamer-lists`)!;
      expect(database).toMatchObject({ type: "DATASTORE_MODE", locationId: "nam5" });
      const queue = `projects/${PROJECT}/locations/us-central1/queues/steamer-personal`;
      expect(deployed.resources.get(queue)).toMatchObject({
        retryConfig: { maxAttempts: 5, minBackoff: "1s", maxBackoff: "30s" },
        rateLimits: { maxConcurrentDispatches: 100, maxDispatchesPerSecond: 100 },
      });
    });

    it("keeps reviews in a protected database of their own, and scores them from a queue, and every minute", () => {
      expect(deployed.resources.get(`projects/${PROJECT}/databases/steamer-reviews`)).toMatchObject({
        type: "DATASTORE_MODE",
        deleteProtectionState: "DELETE_PROTECTION_ENABLED",
      });
      const place = `projects/${PROJECT}/locations/us-central1`;
      expect(deployed.resources.get(`${place}/queues/steamer-reviews`)).toMatchObject({
        retryConfig: { maxAttempts: 10, minBackoff: "2s", maxBackoff: "60s" },
        rateLimits: { maxConcurrentDispatches: 20, maxDispatchesPerSecond: 50 },
      });
      const { schedule, httpTarget } = deployed.resources.get(`${place}/jobs/steamer_reviews_my-shop`)!;
      const uri = "https://us-central1-my-project.cloudfunctions.net/score-review";
      const serviceAccountEmail = "steamer-review-tasks@my-project.iam.gserviceaccount.com";
      expect(schedule).toBe("* * * * *");
      expect(httpTarget).toMatchObject({ uri, oidcToken: { serviceAccountEmail, audience: uri } });
      expect(Buffer.from(httpTarget.body, "base64").toString()).toBe('{"shop":"my-shop"}');
      expect(deployed.resources.get(`${place}/functions/score-review`)!.serviceConfig.timeoutSeconds).toBe(
        300,
      );
    });

    it("gives the recommender a secret that nobody sees, in a file that it reads", () => {
      const name = `projects/${PROJECT}/secrets/steamer-token-key-my-shop`;
      const key = cloud.payloads.get(`${name}/versions/1`)!.toString();
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      for (const { output } of Object.values(runs)) expect(output).not.toContain(key);
      const { template } = deployed.resources.get("runservices/steamer-recommender-my-shop")!.spec;
      const { containers, volumes } = template.spec;
      const [{ secret }] = volumes;
      expect(secret).toMatchObject({
        secretName: "steamer-token-key-my-shop",
        items: [{ key: "1", path: "token-key" }],
      });
      expect(containers[0].volumeMounts).toEqual([{ mountPath: "/secrets", name: volumes[0].name }]);
      expect(containers[0].env).toContainEqual({
        name: "STEAMER_TOKEN_KEY_FILE",
        value: "/secrets/token-key",
      });
      expect(deployed.resources.get(name)!.replication).toEqual({
        userManaged: { replicas: [{ location: "us-central1" }] },
      });
    });

    it("shows the operator's page by a service of its own, without the secret, and without an instance while nobody looks", () => {
      const { template } = deployed.resources.get("runservices/steamer-operator-my-shop")!.spec;
      // A running instance follows the pointer between two looks.
      expect(template.metadata.annotations).toMatchObject({ "run.googleapis.com/cpu-throttling": "False" });
      expect(template.spec.volumes ?? []).toEqual([]);
      expect(template.metadata.annotations).not.toHaveProperty(["autoscaling.knative.dev/minScale"]);
      const [{ ports, env }] = template.spec.containers;
      expect(ports[0].containerPort).toBe(8080);
      expect(env).toContainEqual({ name: "STEAMER_OPS_PORT", value: "8080" });
      expect(env).toContainEqual({ name: "STEAMER_HOST", value: "127.0.0.1" });
    });

    it("routes what became of results from the log to a dataset that forgets after 400 days", () => {
      const sink = deployed.resources.get(`projects/${PROJECT}/sinks/steamer-attribution-my-shop`)!;
      expect(sink).toMatchObject({
        destination: `bigquery.googleapis.com/projects/${PROJECT}/datasets/steamer_attribution_my_shop`,
        bigqueryOptions: { usePartitionedTables: true },
      });
      expect(sink["filter"]).toContain('service_name:"steamer-recommender-" AND jsonPayload.shop="my-shop"');
      const dataset = deployed.resources.get("bigquery/steamer_attribution_my_shop")!;
      expect(dataset).toMatchObject({
        location: "US",
        defaultPartitionExpirationMs: 400 * 24 * 3600 * 1000,
        labels: { app: "steamer", shop: "my-shop" },
      });
      // A new dataset gives access to its project's readers and writers: docs/OPERATIONS.md says
      // so.
      const added = (dataset["access"] as { specialGroup?: string; userByEmail?: string }[]).filter(
        (entry) => !entry.specialGroup && entry.userByEmail !== "o@example.com",
      );
      expect(added).toEqual([
        {
          role: "roles/bigquery.metadataViewer",
          userByEmail: `steamer-deployer@${PROJECT}.iam.gserviceaccount.com`,
        },
        { role: "READER", groupByEmail: "operators@example.com" },
        { role: "WRITER", userByEmail: "service-1@gcp-sa-logging.iam.gserviceaccount.com" },
      ]);
    });

    it("turns the check of callers off when the revision that looks at keys answers, and on again at once", () => {
      const steps = (access: string) =>
        runs[`access ${access}`].calls.filter(isWrite).flatMap(({ path, body }) => {
          const [, verb] = /services\/steamer-recommender-my-shop(:setIamPolicy)?$/.exec(path) ?? ["", null];
          if (verb === null) return [];
          const { metadata, spec, policy } = JSON.parse(body);
          if (verb)
            return [
              `callers: ${(policy.bindings ?? []).flatMap((each: { members: string[] }) => each.members).join()}`,
            ];
          const { env } = spec.template.spec.containers[0];
          const { value } = env.find(({ name }: { name: string }) => name === "STEAMER_ACCESS");
          return [`${value}, check off: ${metadata.annotations["run.googleapis.com/invoker-iam-disabled"]}`];
        });
      const callers = "callers: user:storefront@example.com";
      // `--no-allow-unauthenticated` writes the callers, without allUsers, at each deployment.
      expect(steps("keys")).toEqual([
        "keys, check off: False",
        callers,
        "keys, check off: True",
        "callers: ",
      ]);
      expect(steps("iam")).toEqual([callers, "iam, check off: False", callers]);
    });

    it("deploys a second shop beside the first, and touches nothing that they share", () => {
      const written = runs["other"].calls.filter(isWrite).map(({ path }) => decodeURIComponent(path));
      expect(written.length).toBeGreaterThan(5);
      expect(
        written.filter((path) => /functions|queues|\/b$|builds|alertPolicies|serviceAccounts/.test(path)),
      ).toEqual([]);
      const { metadata, spec } = both.get("runservices/steamer-recommender-toys")!;
      expect(spec.template.spec.containers[0].env).toContainEqual({
        name: "STEAMER_ORIGINS",
        value: OTHER.steamer.origins.join(","),
      });
      const annotation = "run.googleapis.com/invoker-iam-disabled";
      const isOpen = (name: string) => both.get(`runservices/${name}`)!.metadata.annotations[annotation];
      expect(metadata.labels).toMatchObject({ shop: "toys" });
      expect(isOpen("steamer-recommender-toys")).toBe("True");
      for (const name of ["operator-toys", "recommender-my-shop", "operator-my-shop"])
        expect(isOpen(`steamer-${name}`)).toBe("False");
    });

    it("deploys the nights of a shop that another one's recommender serves, and no recommender for it", () => {
      const { env } = both.get("runservices/steamer-recommender-toys")!.spec.template.spec.containers[0];
      expect(env).toContainEqual({ name: "STEAMER_SHOPS", value: "toys,cars" });
      expect([...both.keys()].filter((path) => path.includes("cars")).sort()).toEqual([
        "bigquery/steamer_attribution_cars",
        `projects/${PROJECT}/locations/us-central1/jobs/steamer-cars`,
        `projects/${PROJECT}/sinks/steamer-attribution-cars`,
      ]);
      const { filter } = both.get(`projects/${PROJECT}/sinks/steamer-attribution-cars`)!;
      expect(filter).toContain('jsonPayload.shop="cars"');
    });

    it("deploys such a shop after the one that serves it, and removes it before", () => {
      expect(runs["served too early"].output).toContain("name cars in steamer.shops of the file of toys");
      expect(runs["served too early"].calls.filter(isWrite)).toEqual([]);
      expect(runs["other teardown too early"].output).toContain("tear cars down first");
      expect(runs["other teardown too early"].calls.filter(isWrite)).toEqual([]);
      expect(runs["served teardown"].output).toMatch(/\d+ things removed\./);
    });

    it("removes a shop with its data, and leaves the other as it was", () => {
      const kept = (resources: typeof cloud.resources) =>
        [...resources.keys()].filter((path) => !path.includes("packages")).sort();
      expect(kept(left)).toEqual(kept(deployed.resources));
      expect([...both.keys()].filter((path) => path.includes("toys")).length).toBeGreaterThanOrEqual(7);
    });

    it("schedules the night with a token for start-run alone", () => {
      const { httpTarget, schedule, timeZone } = deployed.resources.get(
        `projects/${PROJECT}/locations/us-central1/jobs/steamer-my-shop`,
      )!;
      expect({ schedule, timeZone }).toEqual({ schedule: "5 1-22 * * *", timeZone: "America/New_York" });
      const uri = "https://us-central1-my-project.cloudfunctions.net/start-run";
      const serviceAccountEmail = "steamer-scheduler@my-project.iam.gserviceaccount.com";
      expect(httpTarget).toMatchObject({
        uri,
        httpMethod: "POST",
        oidcToken: { serviceAccountEmail, audience: uri },
      });
      expect(Buffer.from(httpTarget.body, "base64").toString()).toBe('{"shop":"my-shop"}');
    });

    it("raises alarms, and tells the people of the settings file", () => {
      const of = (kind: string) =>
        [...deployed.resources].filter(([path]) => path.includes(`/${kind}/`)).map(([, each]) => each);
      expect(
        of("alertPolicies")
          .map(({ displayName }) => displayName)
          .sort(),
      ).toEqual([
        "Steamer: a Personalizer has a fault",
        "Steamer: a model is older than 64 hours",
        "Steamer: a night has failed",
        "Steamer: a review or an inference service has a fault",
        "Steamer: recommendations got worse",
        "Steamer: reviews get no sentiment",
        "Steamer: users' lists come late",
        "Steamer: users' lists fail",
      ]);
      const [channel] = of("notificationChannels");
      expect(channel.labels).toEqual({ email_address: "nights@example.com" });
      for (const policy of of("alertPolicies")) expect(policy.notificationChannels).toEqual([channel.name]);
    });

    it("lets entities expire, and uploads what functions and jobs read", () => {
      const fields = [...deployed.resources.keys()].filter((path) => path.includes("/fields/expireAt"));
      expect(fields.map((path) => path.split("/").at(-3)).sort()).toEqual([
        "Claim",
        "List",
        "Model",
        "Neighbours",
      ]);
      const settings = cloud.objects.get("my-pointer/shops/my-shop/settings.json")!;
      const told = ["personal", "reviews"].map((name) => ({
        [`${name}.address`]: "r:443",
        [`${name}.auth`]: "google",
      }));
      expect(JSON.parse(settings)).toEqual(Object.assign({ ...SETTINGS.steamer }, ...told));
      for (const name of ["main.py", "steamer_spark.zip", "packages.tar.gz"])
        expect(cloud.objects.get(`my-data/jobs/${name}`)).toBe(name);
      expect(JSON.parse(cloud.objects.get("my-data/jobs/load-template.json")!).image).toMatch(
        /\/load@sha256:/,
      );
    });

    it("has a cloudbuild.yaml that Cloud Build takes: it tests, and deploys when it is told what", () => {
      const build = JSON.parse(runs["cloudbuild"].calls.find(isWrite)!.body);
      expect(build.steps.map(({ id }: { id: string }) => id)).toEqual([
        "test",
        "pack the Spark job",
        "deploy",
      ]);
      expect(build.substitutions).toEqual({ _SETTINGS: "" });
      expect(build.options.logging).toBe("CLOUD_LOGGING_ONLY");
    });

    it("removes all it made but data, and no right is left", () => {
      const kept = [...cloud.resources.keys()].filter(
        (path) => !/serviceusage|fields|bigquery|packages/.test(path),
      );
      expect(kept.sort()).toEqual([
        "buckets/my-data",
        "buckets/my-pointer",
        `projects/${PROJECT}/databases/(default)`,
        `projects/${PROJECT}/databases/steamer-reviews`,
      ]);
      expect(cloud.policies.get(`projects/${PROJECT}`)!.bindings).toEqual([
        { role: "roles/owner", members: ["user:o@example.com"] },
        { role: "roles/datastore.user", members: ["user:ann@example.com"] },
      ]);
      expect([...cloud.objects.keys()]).toContain("my-pointer/shops/my-shop/settings.json");
    });
  },
);

const outcome = (error: unknown) => error as { stdout: string; stderr: string };
const failure = (): never => {
  throw new Error("it was not refused");
};

const isWrite = ({ method, path }: Call) => method !== "GET" && !path.endsWith(":getIamPolicy");

const short = (member: string) => /^serviceAccount:steamer-(.+)@my-project\.iam/.exec(member)?.[1] ?? member;

/** Every right but the owner's, as `<resource>: <role>[ if <condition>]: <member>`. */
function rightsIn(policies: GoogleCloud["policies"]): string[] {
  return [...policies].flatMap(([name, { bindings }]) => {
    const [kind, id] = name.split("/").slice(-2);
    return bindings.flatMap(({ role, members, condition }) => {
      const who = members.map(short).filter((member) => !/^projectOwner:|^user:o@/.test(member));
      const when = condition ? ` if ${condition.title}` : "";
      const what = `${kind}/${id.replace(/@.*/, "")}: ${role.replace("roles/", "")}${when}`;
      return who.length === 0 ? [] : [`${what}: ${who.sort().join(" ")}`];
    });
  });
}

const FUNCTIONS = "export load publish runs similarity start-run";
const RIGHTS = `
  buckets/my-data: storage.legacyBucketOwner: projectEditor:my-project
  buckets/my-data: storage.legacyObjectOwner: projectEditor:my-project
  buckets/my-data: storage.objectUser if all but the code of jobs: dataflow dataproc ${FUNCTIONS}
  buckets/my-data: storage.objectUser: deployer
  buckets/my-data: storage.objectViewer: build dataflow dataproc group:operators@example.com load personalizer recommender
  buckets/my-data: storage.objectViewer if language models: inference
  buckets/my-pointer: storage.objectUser if settings of shops: deployer
  buckets/my-pointer: storage.objectUser if all but keys, erasures and settings: publish
  buckets/my-pointer: storage.objectUser: group:operators@example.com
  buckets/my-pointer: storage.objectViewer: deployer export load personalize personalizer publish recommender runs score-review similarity start-run
  projects/my-project: bigquery.jobUser: deployer export
  projects/my-project: browser: deployer
  projects/my-project: cloudbuild.builds.editor: deployer
  projects/my-project: cloudfunctions.developer: deployer
  projects/my-project: cloudscheduler.admin: deployer
  projects/my-project: cloudtasks.viewer: deployer
  projects/my-project: compute.viewer: deployer
  projects/my-project: dataflow.developer: load
  projects/my-project: dataflow.worker if of the buckets only data: dataflow
  projects/my-project: dataproc.editor: similarity
  projects/my-project: dataproc.worker if of the buckets only data: dataproc
  projects/my-project: datastore.user if database steamer-lists: load personalize recommender
  projects/my-project: datastore.user if database steamer-reviews: recommender score-review
  projects/my-project: datastore.user if database (default): dataflow
  projects/my-project: datastore.viewer if database steamer-reviews: export
  projects/my-project: datastore.user: user:ann@example.com
  projects/my-project: iam.securityReviewer: deployer
  projects/my-project: logging.configWriter: deployer
  projects/my-project: logging.logWriter: build deployer
  projects/my-project: monitoring.alertPolicyEditor: deployer
  projects/my-project: monitoring.notificationChannelEditor: deployer
  projects/my-project: run.admin: deployer
  projects/my-project: serviceusage.serviceUsageConsumer: deployer
  projects/my-project: storage.objectViewer if sources of functions: build
  queues/steamer: cloudtasks.enqueuer: ${FUNCTIONS}
  queues/steamer-personal: cloudtasks.enqueuer: recommender
  queues/steamer-personal: cloudtasks.viewer: recommender
  queues/steamer-reviews: cloudtasks.enqueuer: recommender
  repositories/steamer: artifactregistry.reader: dataflow deployer
  repositories/steamer: artifactregistry.writer: build
  secrets/steamer-token-key-my-shop: secretmanager.secretAccessor: recommender
  secrets/steamer-token-key-my-shop: secretmanager.viewer: deployer
  serviceAccounts/steamer-build: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-dataflow: iam.serviceAccountUser: load
  serviceAccounts/steamer-dataproc: iam.serviceAccountUser: similarity
  serviceAccounts/steamer-export: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-inference: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-load: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-personal-tasks: iam.serviceAccountUser: recommender
  serviceAccounts/steamer-personalize: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-personalizer: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-publish: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-push-catalogue: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-recommender: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-review-tasks: iam.serviceAccountUser: deployer recommender
  serviceAccounts/steamer-runs: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-scheduler: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-score-review: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-similarity: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-start-run: iam.serviceAccountUser: deployer
  serviceAccounts/steamer-tasks: iam.serviceAccountUser: ${FUNCTIONS}
  services/export: run.invoker: tasks
  services/load: run.invoker: tasks
  services/personalize: run.invoker: personal-tasks
  services/publish: run.invoker: tasks
  services/runs: run.invoker: group:operators@example.com
  services/score-review: run.invoker: review-tasks
  services/similarity: run.invoker: tasks
  services/start-run: run.invoker: scheduler
  services/steamer-inference-my-shop: run.invoker: group:operators@example.com score-review
  services/steamer-operator-my-shop: run.invoker: group:operators@example.com
  services/steamer-operator-my-shop: run.viewer: group:operators@example.com
  services/steamer-personalizer-my-shop: run.invoker: personalize
  services/steamer-recommender-my-shop: run.invoker: user:storefront@example.com
`;
