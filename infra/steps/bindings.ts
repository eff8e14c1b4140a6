import type { Cloud } from "../cloud.ts";
import type { Tool } from "../command-line.ts";
import type { Condition } from "../conditions.ts";
import type { Grant } from "../roles.ts";

/** A role that a member is to have, with an optional condition. */
export interface Binding {
  role: string;
  member: string;
  when?: Condition;
}

interface Policy {
  bindings?: { role: string; members: string[]; condition?: Condition }[];
}

/**
 * A resource with a policy: `["storage", "buckets"]`, `["gs://b"]`, and flags that every command
 * about it needs.
 */
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

/** Adds missing bindings to a resource's policy. Bindings that others have added stay. */
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

/** Takes roles away from members, under every condition. */
export async function unbind(
  gcloud: Tool,
  { group, name, flags = [] }: Guarded,
  isUnwanted: (member: string, role: string) => boolean,
): Promise<void> {
  const policy = await gcloud.readJson<Policy>(...group, "get-iam-policy", name, ...flags);
  const taken = new Set<string>();
  for (const { role, members } of policy?.bindings ?? []) {
    for (const member of members.filter((each) => isUnwanted(each, role))) {
      const words = [`--member=${member}`, `--role=${role}`, "--all"];
      // The policy lists a role once for each of its conditions.
      if (taken.has(words.join())) continue;
      taken.add(words.join());
      await gcloud.change(...group, "remove-iam-policy-binding", name, ...flags, ...words);
    }
  }
}
