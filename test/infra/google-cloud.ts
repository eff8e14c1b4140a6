import { createHash } from "node:crypto";
import type { Answer, Call } from "./proxy.ts";

type Resource = Record<string, any>;
interface Policy {
  bindings: { role: string; members: string[]; condition?: { title: string; expression: string } }[];
  etag?: string;
  version?: number;
}

/**
 * The management side of Google Cloud, as far as a deployment uses it. Created resources exist
 * afterwards, missing ones are 404, policies have etags. Nothing runs; a build leaves an image.
 */
export class GoogleCloud {
  readonly project: string;
  readonly resources = new Map<string, Resource>();
  readonly policies = new Map<string, Policy>();
  readonly objects = new Map<string, string>();
  /** Payloads of secrets, by version. */
  readonly payloads = new Map<string, Buffer>();
  /** Requests for unknown resources: a hole in this stand-in, which a test must see. */
  readonly unknown: string[] = [];

  constructor(project: string) {
    this.project = project;
    this.resources.set("bigquery/analytics_1", { location: "US", access: [] });
    this.policies.set(`projects/${project}`, {
      bindings: [{ role: "roles/owner", members: ["user:o@example.com"] }],
    });
  }

  answer = (call: Call): Answer => {
    const service = call.host.replace(/\.googleapis\.com$/, "").replace(/^.*-run$/, "run");
    const handler = this.#services[service] ?? this.#collections;
    const answer = handler(call, service);
    if (answer) return answer;
    this.unknown.push(`${call.method} ${call.host}${call.path}?${call.query}`);
    return notFound(call.path);
  };

  /** Names of the resources of one kind, `functions` for example. */
  names(collection: string): string[] {
    const parts = [...this.resources.keys()].map((path) => path.split("/"));
    return parts
      .filter((path) => path.at(-2) === collection)
      .map((path) => path.at(-1)!)
      .sort();
  }

  readonly #services: Record<string, (call: Call, service: string) => Answer | null> = {
    serviceusage: (call) => {
      const ids = (JSON.parse(call.body || "{}") as { serviceIds?: string[] }).serviceIds ?? [];
      const single = /services\/([^/:]+):enable/.exec(call.path)?.[1];
      for (const id of single ? [single] : ids) this.resources.set(`serviceusage/services/${id}`, {});
      if (call.method === "POST" || call.path.includes("/operations/")) return operation({});
      return [
        200,
        {
          services: this.names("services").map((name) => ({
            name: `projects/1/services/${name}`,
            config: { name },
            state: "ENABLED",
          })),
        },
      ];
    },
    cloudbilling: () => [200, { billingEnabled: true, billingAccountName: "billingAccounts/1" }],
    compute: (call) =>
      call.path.includes("/subnetworks/")
        ? [200, { name: "default", privateIpGoogleAccess: true }]
        : [
            200,
            {
              name: "us-central1",
              quotas: [
                { metric: "N2_CPUS", limit: 200, usage: 0 },
                { metric: "CPUS", limit: 200, usage: 0 },
              ],
            },
          ],
    bigquery: (call) => this.#bigQuery(call),
    storage: (call) => this.#storage(call),
    cloudbuild: (call) => this.#builds(call),
    run: (call) => this.#run(call),
  };

  /**
   * Google's resource-oriented interfaces are alike: collections with members, and policies on
   * them.
   */
  #collections = (call: Call, service: string): Answer | null => {
    const path = decodeURIComponent(call.path).replace(/^\/v\d+\w*\//, "");
    const verb = /:(\w+)$/.exec(path)?.[1];
    // In an account's path, `-` stands for its project.
    const name = (verb ? path.slice(0, -verb.length - 1) : path).replace(
      "projects/-/",
      `projects/${this.project}/`,
    );
    if (name.includes("/operations/")) return operation({}, service);
    if (verb === "getIamPolicy") return [200, this.policies.get(name) ?? { etag: "AA==", bindings: [] }];
    if (verb === "setIamPolicy") return this.#setPolicy(name, JSON.parse(call.body).policy);
    if (verb === "generateUploadUrl") {
      return [
        200,
        {
          uploadUrl: "https://storage.googleapis.com/upload/sources",
          storageSource: { bucket: "gcf", object: "o" },
        },
      ];
    }
    if (verb === "bulkDeleteDocuments") return operation({}, service);
    if (verb === "addVersion") return this.#addVersion(name, JSON.parse(call.body) as Resource);
    if (verb) return null;
    if (service === "cloudresourcemanager")
      return [200, { projectId: this.project, projectNumber: "1", name, lifecycleState: "ACTIVE" }];
    if (name.endsWith("/runtimes")) {
      return [
        200,
        { runtimes: [{ name: "nodejs24", environment: "GEN_2", stage: "GA", displayName: "Node.js 24" }] },
      ];
    }
    return name.split("/").length % 2 === 1
      ? this.#collection(call, service, name)
      : this.#member(call, service, name);
  };

  #collection(call: Call, service: string, name: string): Answer {
    const kind = name.split("/").at(-1)!;
    const secret = /^(.*\/secrets\/[^/]+)\/versions$/.exec(name)?.[1];
    if (secret && !this.resources.has(secret)) return notFound(secret);
    if (call.method === "GET") {
      const within = [...this.resources].filter(([path]) => matches(path, name));
      const key = { serviceAccounts: "accounts", projects: "projects" }[kind] ?? kind;
      return [200, { [key]: within.map(([, resource]) => resource) }];
    }
    const body = JSON.parse(call.body || "{}") as Resource;
    const id =
      call.query.get(`${singular(kind)}Id`) ??
      body.accountId ??
      (body.name as string)?.split("/").at(-1) ??
      `${this.resources.size}`;
    const full =
      service === "iam" ? `${name}/${id}@${this.project}.iam.gserviceaccount.com` : `${name}/${id}`;
    if (this.resources.has(full))
      return [409, { error: { code: 409, message: "exists", status: "ALREADY_EXISTS" } }];
    const resource = {
      ...body,
      ...body.serviceAccount,
      name: full,
      ...(service === "iam" ? { email: full.split("/").at(-1) } : {}),
    };
    if (service === "logging") resource.name = id;
    // All sinks of a project write with one identity.
    if (kind === "sinks")
      resource.writerIdentity = "serviceAccount:service-1@gcp-sa-logging.iam.gserviceaccount.com";
    return this.#put(service, full, resource);
  }

  #member(call: Call, service: string, name: string): Answer {
    const found = this.resources.get(name);
    if (service === "firestore" && name.includes("/fields/") && call.method === "PATCH") {
      return this.#put(service, name, { name, ttlConfig: { state: "ACTIVE" } });
    }
    if (!found) return notFound(name);
    if (call.method === "GET") return [200, found];
    if (call.method === "DELETE") {
      for (const path of [...this.resources.keys()])
        if (path === name || path.startsWith(`${name}/`)) this.resources.delete(path);
      this.policies.delete(name);
      return SLOW.has(service) ? operation({}, service) : [200, {}];
    }
    const body = JSON.parse(call.body || "{}") as Resource;
    return this.#put(service, name, { ...found, ...body, name: found.name });
  }

  /** Requests about versions never return a payload. */
  #addVersion(secret: string, { payload }: Resource): Answer {
    if (!this.resources.has(secret)) return notFound(secret);
    const number =
      1 + [...this.resources.keys()].filter((path) => matches(path, `${secret}/versions`)).length;
    const name = `${secret}/versions/${number}`;
    // gcloud sends a checksum, and asks if it was checked.
    const version = { name, state: "ENABLED", createTime: TIME, clientSpecifiedPayloadChecksum: true };
    this.resources.set(version.name, version);
    this.payloads.set(version.name, Buffer.from(payload.data, "base64"));
    return [200, version];
  }

  #put(service: string, name: string, resource: Resource): Answer {
    if (service === "cloudfunctions") {
      Object.assign(resource, { state: "ACTIVE", environment: "GEN_2" });
      resource.serviceConfig = {
        ...resource.serviceConfig,
        service: name.replace("/functions/", "/services/"),
        uri: "https://f",
      };
    }
    if (service === "artifactregistry") resource.format = "DOCKER";
    if (service === "firestore" && !name.includes("/fields/"))
      resource.type = resource.type ?? "DATASTORE_MODE";
    this.resources.set(name, resource);
    return SLOW.has(service) ? operation(resource, service) : [200, resource];
  }

  #setPolicy(name: string, policy: Policy): Answer {
    const etag = Buffer.from(`${Math.random()}`).toString("base64");
    this.policies.set(name, { ...policy, etag });
    return [200, { ...policy, etag }];
  }

  #bigQuery({ method, path, body }: Call): Answer | null {
    const dataset = /\/datasets\/(\w+)$/.exec(path)?.[1];
    const found = dataset && this.resources.get(`bigquery/${dataset}`);
    if (dataset && method === "DELETE") this.resources.delete(`bigquery/${dataset}`);
    if (dataset && !found) {
      const message = `Not found: Dataset ${this.project}:${dataset}`;
      return [
        404,
        { error: { code: 404, message, status: "NOT_FOUND", errors: [{ reason: "notFound", message }] } },
      ];
    }
    if (dataset) return [200, found];
    if (method === "POST" && path.endsWith("/datasets")) {
      const { datasetReference, ...given } = JSON.parse(body) as Resource;
      this.resources.set(`bigquery/${datasetReference.datasetId}`, { ...given, access: datasetAccess() });
      return [200, {}];
    }
    if (method !== "POST")
      return [
        200,
        {
          jobReference: { projectId: this.project, jobId: "j" },
          status: { state: "DONE" },
          jobComplete: true,
          configuration: { query: {} },
          statistics: { query: {} },
        },
      ];
    const query = JSON.stringify(JSON.parse(body));
    const [, role, target] = /GRANT `([\w./]+)` ON SCHEMA `([\w`.]+)` TO/.exec(query) ?? [];
    const members = [...query.matchAll(/(serviceAccount|user|group):([\w@.-]+)/g)];
    const name = target?.replaceAll("`", "").split(".").at(-1);
    const { access } = this.resources.get(`bigquery/${name}`)!;
    const basic =
      { "roles/bigquery.dataViewer": "READER", "roles/bigquery.dataEditor": "WRITER" }[role] ?? role;
    for (const [, kind, email] of members)
      access.push({ role: basic, [kind === "group" ? "groupByEmail" : "userByEmail"]: email });
    const job = {
      jobReference: { projectId: this.project, jobId: "j", location: "US" },
      status: { state: "DONE" },
      jobComplete: true,
    };
    return [
      200,
      {
        ...job,
        statistics: { query: { statementType: "GRANT" } },
        configuration: { query: { query } },
        schema: { fields: [] },
        totalRows: "0",
      },
    ];
  }

  #storage(call: Call): Answer | null {
    const path = decodeURIComponent(call.path);
    if (path === "/upload/sources") return [200, {}];
    if (path === "/storage/v1/b" && call.method === "GET") {
      return [200, { items: this.names("buckets").map((name) => this.resources.get(`buckets/${name}`)) }];
    }
    if (path === "/storage/v1/b") return this.#makeBucket(JSON.parse(call.body) as Resource);
    const [, bucket, rest] = /^\/(?:upload\/|download\/)?storage\/v1\/b\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (!bucket) return null;
    if (!this.resources.has(`buckets/${bucket}`)) return notFound(bucket);
    if (rest === "/iam") {
      if (call.method === "GET") return [200, this.policies.get(`buckets/${bucket}`)];
      return this.#setPolicy(`buckets/${bucket}`, JSON.parse(call.body));
    }
    if (rest?.startsWith("/o")) return this.#object(call, bucket, rest.slice(3));
    const found = this.resources.get(`buckets/${bucket}`)!;
    if (call.method === "DELETE") this.resources.delete(`buckets/${bucket}`);
    if (call.method === "PATCH") {
      const { labels, ...others } = JSON.parse(call.body) as Resource;
      Object.assign(found, others, { labels: { ...found.labels, ...labels } });
    }
    return [200, found];
  }

  /** A new bucket gives access to the project's editors. */
  #makeBucket(body: Resource): Answer {
    const { name } = body;
    const found = {
      kind: "storage#bucket",
      id: name,
      metageneration: "1",
      projectNumber: "1",
      timeCreated: TIME,
      updated: TIME,
      storageClass: "STANDARD",
      ...body,
    };
    this.resources.set(`buckets/${name}`, found);
    const editors = [`projectEditor:${this.project}`, `projectOwner:${this.project}`];
    const roles = ["roles/storage.legacyBucketOwner", "roles/storage.legacyObjectOwner"];
    this.policies.set(`buckets/${name}`, {
      etag: "AA==",
      bindings: roles.map((role) => ({ role, members: [...editors] })),
    });
    return [200, found];
  }

  #object(call: Call, bucket: string, name: string): Answer {
    const { method, query, body } = call;
    const describe = (path: string) => {
      const content = Buffer.from(this.objects.get(`${bucket}/${path}`)!, "latin1");
      const mediaLink = `https://storage.googleapis.com/download/storage/v1/b/${bucket}/o/${encodeURIComponent(path)}?alt=media`;
      const md5Hash = createHash("md5").update(content).digest("base64");
      return {
        kind: "storage#object",
        bucket,
        name: path,
        size: `${content.length}`,
        md5Hash,
        mediaLink,
        generation: "1",
        metageneration: "1",
        timeCreated: TIME,
        updated: TIME,
        storageClass: "STANDARD",
      };
    };
    if (method === "POST") {
      // multipart/related: the object's description, then its content.
      const [, description, content] = body
        .split(/\r?\n?--[=\w']+(?:--)?\r?\n/)
        .map((part) => part.slice(part.search(/\r?\n\r?\n/)).replace(/^\r?\n\r?\n/, ""));
      const path = query.get("name") ?? (JSON.parse(description) as { name: string }).name;
      this.objects.set(`${bucket}/${path}`, content);
      return [200, describe(path)];
    }
    if (name === "") {
      const prefix = query.get("prefix") ?? "";
      const names = [...this.objects.keys()].filter((path) => path.startsWith(`${bucket}/${prefix}`));
      return [200, { items: names.map((path) => describe(path.slice(bucket.length + 1))) }];
    }
    if (!this.objects.has(`${bucket}/${name}`)) return notFound(name);
    if (method === "DELETE") {
      this.objects.delete(`${bucket}/${name}`);
      return [204, ""];
    }
    if (query.get("alt") !== "media") return [200, describe(name)];
    return [200, this.objects.get(`${bucket}/${name}`), { "content-type": "application/json" }];
  }

  #builds({ method, path, body }: Call): Answer | null {
    const build = {
      id: "b",
      status: "SUCCESS",
      logUrl: "https://console",
      results: {},
      projectId: this.project,
      options: { logging: "CLOUD_LOGGING_ONLY" },
    };
    if (method === "GET" && path.includes("/builds/")) return [200, build];
    if (path.includes("/operations/")) return operation(build);
    if (method !== "POST") return null;
    const { substitutions = {} } = JSON.parse(body) as { substitutions?: { _IMAGE?: string } };
    if (substitutions._IMAGE) this.#pushImage(substitutions._IMAGE);
    return [
      200,
      {
        name: "operations/build/p/1",
        done: false,
        metadata: {
          "@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata",
          build: { ...build, status: "QUEUED" },
        },
      },
    ];
  }

  #pushImage(image: string): void {
    const [, region, project, repository, name, tag] =
      /^(\S+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\/([^:]+):(.+)$/.exec(image)!;
    const digest = `sha256:${createHash("sha256").update(image).digest("hex")}`;
    const parent = `projects/${project}/locations/${region}/repositories/${repository}/packages/${name}`;
    const version = `${parent}/versions/${digest}`;
    const relatedTags = [{ name: `${parent}/tags/${tag}`, version }];
    const times = { createTime: TIME, updateTime: TIME };
    this.resources.set(version, { name: version, relatedTags, ...times, metadata: {} });
  }

  /** Cloud Run uses Knative's interface. */
  #run(call: Call): Answer | null {
    const { method, path, body } = call;
    if (path.startsWith("/v")) return this.#collections(call, "run");
    const name = /\/services\/([\w-]+)$/.exec(path)?.[1];
    if (method === "GET" && !name)
      return [
        200,
        { items: this.names("runservices").map((each) => this.resources.get(`runservices/${each}`)) },
      ];
    const given = method === "GET" || method === "DELETE" ? null : (JSON.parse(body) as Resource);
    const key = `runservices/${name ?? given?.metadata.name}`;
    if (!given && !this.resources.has(key)) return notFound(path);
    if (method === "DELETE") {
      this.resources.delete(key);
      return [200, {}];
    }
    if (given) {
      const conditions = ["Ready", "ConfigurationsReady", "RoutesReady"].map((type) => ({
        type,
        status: "True",
        lastTransitionTime: TIME,
      }));
      given.metadata = {
        ...given.metadata,
        generation: 1,
        creationTimestamp: TIME,
        uid: "1",
        resourceVersion: "1",
      };
      given.status = {
        conditions,
        observedGeneration: 1,
        url: "https://r",
        latestReadyRevisionName: "r-1",
        latestCreatedRevisionName: "r-1",
        traffic: [{ revisionName: "r-1", percent: 100, latestRevision: true }],
      };
      this.resources.set(key, given);
    }
    return [200, this.resources.get(key)];
  }
}

const TIME = "2026-11-22T00:00:00.000Z";
/** The default access of a new dataset. */
const datasetAccess = () => [
  { role: "WRITER", specialGroup: "projectWriters" },
  { role: "OWNER", specialGroup: "projectOwners" },
  { role: "OWNER", userByEmail: "o@example.com" },
  { role: "READER", specialGroup: "projectReaders" },
];
/** Services whose changes answer with an operation. */
const SLOW = new Set(["artifactregistry", "cloudfunctions", "firestore"]);

const singular = (kind: string) =>
  ({ repositories: "repository", policies: "policy" })[kind] ?? kind.replace(/s$/, "");
const notFound = (name: string): Answer => {
  const message = `${name} was not found`;
  return [
    404,
    { error: { code: 404, message, status: "NOT_FOUND", errors: [{ reason: "notFound", message }] } },
  ];
};
const operation = (response: Resource, service = ""): Answer => {
  const parent =
    service === "firestore" ? "projects/p/databases/(default)" : "projects/p/locations/us-central1";
  const metadata = { "@type": "type.googleapis.com/google.cloud.functions.v2.OperationMetadata" };
  const about = service === "cloudfunctions" ? { metadata } : {};
  return [
    200,
    { name: `${parent}/operations/o`, done: true, ...about, response: { "@type": "x", ...response } },
  ];
};

/** True when a path is a member of a collection; `-` in the collection stands for any one name. */
function matches(path: string, collection: string): boolean {
  const [parts, wanted] = [path.split("/"), collection.split("/")];
  return parts.length === wanted.length + 1 && wanted.every((part, k) => part === "-" || part === parts[k]);
}
