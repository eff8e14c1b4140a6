import type { Cloud } from "../cloud.ts";
import type { Tool } from "../command-line.ts";
import type { Grant } from "../roles.ts";

/** A role that a member is to have, perhaps only where a condition holds. */
export interface Binding {
  role: string;
  member: string;
  when?: { title: string; expression: string };
}

interface Policy {
  bindings?: { role: string; members: string[]; condition?: { title: string; expression: string } }[];
}

/** A resource with a policy: `["storage", "buckets"]`, `["gs://b"]`, and flags that every command about it needs. */
export interface Guarded {
  group: string[];
  name: string;
  flags?: string[];
  /** Policies of queues and services have no conditions, and their commands no flag for them. */
  conditions: boolean;
}

/** Grants, with the addresses of the accounts. */
export const bindingsOf = ({ email }: Cloud, grants: Grant[]): Binding[] =>
  grants.map(({ to, role, when }) => ({
    member: `serviceAccount:${email(to)}`,
    role,
    ...(when ? { when } : {}),
  }));

/** Adds what is missing to a resource's policy; what others have added stays. */
export async function bind(gcloud: Tool, resource: Guarded, wanted: Binding[]): Promise<void> {
  if (wanted.length === 0) return;
  const { group, name, flags = [] } = resource;
  const policy = await gcloud.readJson<Policy>(...group, "get-iam-policy", name, ...flags);
  for (const binding of wanted.filter((each) => !holds(policy, each))) {
    const words = [`--member=${binding.member}`, `--role=${binding.role}`, ...conditionOf(resource, binding)];
    await gcloud.change(...group, "add-iam-policy-binding", name, ...flags, ...words);
  }
}

export function holds(policy: Policy | null, { role, member, when }: Binding): boolean {
  return (policy?.bindings ?? []).some(
    (each) =>
      each.role === role && each.members.includes(member) && each.condition?.expression === when?.expression,
  );
}

function conditionOf({ conditions }: Guarded, { when }: Binding): string[] {
  if (!conditions) return [];
  return [when ? `--condition=expression=${when.expression},title=${when.title}` : "--condition=None"];
}

/** Takes away what a resource came with. */
export async function unbind(gcloud: Tool, { group, name }: Guarded, unwanted: Binding[]): Promise<void> {
  const policy = await gcloud.readJson<Policy>(...group, "get-iam-policy", name);
  for (const { role, member } of unwanted.filter((each) => holds(policy, each))) {
    await gcloud.change(...group, "remove-iam-policy-binding", name, `--member=${member}`, `--role=${role}`);
  }
}

/** Takes roles from all but these members; for what is Steamer's alone. */
export async function unbindOthers(
  gcloud: Tool,
  { group, name, flags = [] }: Guarded,
  roles: string[],
  members: string[],
): Promise<void> {
  const policy = await gcloud.readJson<Policy>(...group, "get-iam-policy", name, ...flags);
  // Addresses come back in lower case.
  const wanted = members.map((member) => member.toLowerCase());
  for (const role of roles) {
    const held = (policy?.bindings ?? [])
      .filter((each) => each.role === role)
      .flatMap((each) => each.members);
    for (const member of new Set(held)) {
      if (wanted.includes(member.toLowerCase())) continue;
      const words = [`--member=${member}`, `--role=${role}`, "--all"];
      await gcloud.change(...group, "remove-iam-policy-binding", name, ...flags, ...words);
    }
  }
}
