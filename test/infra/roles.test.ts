import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Account } from "../../contracts/google-names.ts";
import type { Deployment } from "../../infra/deployment.ts";
import { rolesOf, type Grant, type Roles } from "../../infra/roles.ts";

const CHOICES = [
  {
    engine: "dataproc",
    stores: "both",
    store: "datastore",
    "als.factors": 64,
    project: "p",
    "reviews.on": true,
    eventTable: "events",
    catalogue: "my-project.shop.products",
  },
  { engine: "bigquery", stores: "snapshot", store: "snapshot", "als.factors": 64, project: "p" },
];

/** README.md's words for a role on a resource. */
const WORDS: Record<string, string> = {
  "data storage.objectViewer": "data: read",
  "data storage.objectUser if all but the code of jobs": "data: write¹",
  "data storage.objectUser if files of pushed stock": "data: write its files¹²",
  "pointer storage.objectUser if pointers of pushed stock": "pointer: write stock.json only",
  "data storage.objectViewer if language models": "data: read its models¹¹",
  "pointer storage.objectViewer": "pointer: read",
  "pointer storage.objectUser if all but keys, erasures and settings": "pointer: write⁹",
  "queue cloudtasks.enqueuer": "queue: enqueue",
  "personal cloudtasks.enqueuer": "queue steamer-personal: enqueue",
  "personal cloudtasks.viewer": "queue steamer-personal: view",
  "reviews cloudtasks.enqueuer": "queue steamer-reviews: enqueue",
  "repository artifactregistry.reader": "repository: read",
  "repository artifactregistry.writer": "repository: write",
  "dataset bigquery.dataViewer": "dataset: dataViewer",
  "catalogue bigquery.dataViewer": "table of the catalogue: dataViewer",
  "dataset bigquery.metadataViewer": "dataset: metadataViewer",
  "scratch bigquery.dataEditor": "dataset steamer: dataEditor",
  "secret secretmanager.secretAccessor": "secrets steamer-token-key-<shop>: secretmanager.secretAccessor",
};

const short = (role: string) => role.replace("roles/", "");
const named = ({ role, when }: Grant) => short(role) + (when ? ` if ${when.title}` : "");
const sorted = (words: Iterable<string>) => [...new Set(words)].sort();

it("the table of README.md says what each account may do", () => {
  const all = CHOICES.map((steamer) =>
    rolesOf({
      steamer,
      dataBucket: "my-data",
      deploy: { personalizer: true, catalogueSchedule: "0 * * * *" },
    } as unknown as Deployment),
  );
  const accounts = sorted(all.flatMap((roles) => grantsOf(roles).map(([, { to }]) => to)));
  // The deployer's row is a summary.
  const shown = [...accounts, "tasks", "scheduler", "personal-tasks", "review-tasks"].filter(
    (name) => name !== "deployer",
  ) as Account[];
  for (const account of shown) {
    expect([account, ...rowOf(account)]).toEqual([
      account,
      sorted(all.flatMap(({ project }) => onProject(project, account))),
      sorted(all.flatMap((roles) => onResources(roles, account))),
    ]);
  }
});

function grantsOf(roles: Roles): [string, Grant][] {
  const on = (resource: string, grants: Grant[]) => grants.map((grant): [string, Grant] => [resource, grant]);
  return [
    ...on("data", roles.dataBucket),
    ...on("pointer", roles.pointerBucket),
    ...on("queue", roles.queue),
    ...on("personal", roles.personalQueue),
    ...on("reviews", roles.reviewQueue),
    ...on("repository", roles.repository),
    ...on("dataset", roles.dataset),
    ...on("catalogue", roles.catalogueTable),
    ...on("scratch", roles.scratchDataset),
    ...on("secret", roles.tokenKey),
  ];
}

/** Footnotes: conditions limit workers' roles to the data bucket, others to one database. */
const MARKS: Record<string, string> = {
  "of the buckets only data": "²",
  "database steamer-lists": "⁶",
  "database steamer-reviews": "¹⁰",
  "database (default)": "⁸",
};

const onProject = (grants: Grant[], account: Account) =>
  grants
    .filter(({ to }) => to === account)
    .map(({ role, when }) => short(role) + (MARKS[when?.title ?? ""] ?? ""));

function onResources(roles: Roles, account: Account): string[] {
  const granted = grantsOf(roles).filter(([, { to }]) => to === account);
  const having = (rights: Partial<Record<string, readonly Account[]>>) =>
    Object.keys(rights).filter((name) => rights[name]!.includes(account));
  return [
    ...granted.map(([resource, grant]) => WORDS[`${resource} ${named(grant)}`] ?? named(grant)),
    ...having(roles.accounts).map((name) => `act as ${name}`),
    ...having(roles.invokers).map((name) => `may call ${name}`),
  ];
}

/** The table's row of an account: its roles on the project, and its rights on resources. */
function rowOf(account: Account): [string[], string[]] {
  const page = readFileSync("infra/README.md", "utf8");
  const line = page.split("\n").find((text) => text.startsWith(`| \`steamer-${account}\``))!;
  const [, , project, resources] = line.split("|").map((cell) => cell.replaceAll(/[`*]/g, "").trim());
  const rights = resources.split(";").flatMap((part) => {
    const [, subject, words] = /^(act as |may call |[^:]+: )(.*)$/.exec(part.trim())!;
    return words.split(", ").map((word) => subject + word);
  });
  return [sorted(project.match(/[a-z]+\.\w+(?:[²⁶⁸]|¹⁰)?/g) ?? []), sorted(rights)];
}
