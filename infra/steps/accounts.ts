import type { Cloud } from "../cloud.ts";
import { together } from "../command-line.ts";
import { ACCOUNTS, PERSONAL_QUEUE, QUEUE, REVIEW_QUEUE, type Account } from "../../contracts/google-names.ts";
import { REPOSITORY } from "../names.ts";
import { rolesOf, rolesOfAnyShop } from "../roles.ts";
import { bind, bindingsOf, type Binding } from "./bindings.ts";
import { grantOnDataset } from "./datasets.ts";

export async function makeAccounts({ gcloud, email }: Cloud): Promise<void> {
  const there = await gcloud.list<{ email: string }>("iam", "service-accounts", "list");
  const emails = new Set(there.map((account) => account.email));
  for (const [account, purpose] of Object.entries(ACCOUNTS) as [Account, string][]) {
    if (emails.has(email(account))) continue;
    await gcloud.change(
      "iam",
      "service-accounts",
      "create",
      `steamer-${account}`,
      `--display-name=Steamer: ${account}`,
      `--description=${purpose}`,
    );
  }
}

/**
 * Grants the roles of roles.ts on everything but functions and services, whose own steps grant
 * theirs.
 */
export async function grantRoles(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, deploy, dataBucket, pointerBucket } = cloud;
  const roles = rolesOf(cloud);
  const at = [`--location=${steamer.region}`];
  const queue = (name: string) => ({ group: ["tasks", "queues"], name, flags: at, conditions: false });
  const operators = (role: string) => deploy.operators.map((member): Binding => ({ member, role }));
  await together([
    bind(
      gcloud,
      { group: ["projects"], name: steamer.project, conditions: true },
      bindingsOf(cloud, roles.project),
      bindingsOf(cloud, rolesOfAnyShop(cloud).project),
    ),
    bind(gcloud, bucket(dataBucket), [
      ...bindingsOf(cloud, roles.dataBucket),
      ...operators("roles/storage.objectViewer"),
    ]),
    bind(gcloud, bucket(pointerBucket), [
      ...bindingsOf(cloud, roles.pointerBucket),
      ...operators("roles/storage.objectUser"),
    ]),
    bind(gcloud, queue(QUEUE), bindingsOf(cloud, roles.queue)),
    bind(gcloud, queue(PERSONAL_QUEUE), bindingsOf(cloud, roles.personalQueue)),
    bind(gcloud, queue(REVIEW_QUEUE), bindingsOf(cloud, roles.reviewQueue)),
    bind(
      gcloud,
      { group: ["artifacts", "repositories"], name: REPOSITORY, flags: at, conditions: false },
      bindingsOf(cloud, roles.repository),
    ),
    ...Object.entries(roles.accounts).map(([account, users]) =>
      grantActing(cloud, account as Account, users),
    ),
    grantOnDataset(cloud, steamer.dataset, bindingsOf(cloud, roles.dataset)),
  ]);
}

export const bucket = (name: string) => ({
  group: ["storage", "buckets"],
  name: `gs://${name}`,
  conditions: true,
});

function grantActing(cloud: Cloud, account: Account, users: Account[]): Promise<void> {
  const { gcloud, email } = cloud;
  const wanted = bindingsOf(
    cloud,
    users.map((to) => ({ to, role: "roles/iam.serviceAccountUser" })),
  );
  const resource = { group: ["iam", "service-accounts"], name: email(account), conditions: false };
  return bind(gcloud, resource, wanted);
}
