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

/**
 * Adds missing bindings to a resource's policy. Bindings that others have added stay. Where an
 * account of Steamer has a role under a condition, another condition was an older release's, and
 * goes, unless it is `known`: then another shop may need it.
 */
export async function bind(
  gcloud: Tool,
  resource: Guarded,
  wanted: Binding[],
  known = wanted,
): Promise<void> {
  if (wanted.length === 0) return;
  const { group, name, flags = [] } = resource;
  const policy = await gcloud.readJson<Policy>(...group, "get-iam-policy", name, ...flags);
  const change = (command: "add" | "remove", binding: Binding) =>
    gcloud.change(
      ...[...group, `${command}-iam-policy-binding`, name, ...flags],
      ...[`--member=${binding.member}`, `--role=${binding.role}`, ...conditionOf(resource, binding)],
    );
  // First what is new: a night that is running keeps its rights.
  for (const binding of wanted.filter((each) => !holds(policy, each))) await change("add", binding);
  for (const binding of outdated(policy, wanted, known)) await change("remove", binding);
}

/** Bindings under other conditions than those that are wanted for the same account and role. */
function outdated(policy: Policy | null, wanted: Binding[], known: Binding[]): Binding[] {
  const isLimited = (role: string, member: string) =>
    wanted.some((each) => each.role === role && each.member === member && each.when);
  return (policy?.bindings ?? []).flatMap(({ role, members, condition: when }) =>
    members
      .filter((member) => isOwn(member) && isLimited(role, member))
      .map((member): Binding => ({ role, member, ...(when ? { when } : {}) }))
      .filter((held) => !known.some((each) => isSame(each, held))),
  );
}

const isOwn = (member: string) => member.startsWith("serviceAccount:steamer-");

const isSame = (a: Binding, b: Binding) =>
  a.role === b.role && a.member === b.member && a.when?.expression === b.when?.expression;

export function holds(policy: Policy | null, { role, member, when }: Binding): boolean {
  return (policy?.bindings ?? []).some(
    (each) =>
      each.role === role && each.members.includes(member) && each.condition?.expression === when?.expression,
  );
}

/** Stands between the parts of a condition; no text has it. */
const BETWEEN = ";;";

function conditionOf({ conditions }: Guarded, { when }: Binding): string[] {
  if (!conditions) return [];
  if (!when) return ["--condition=None"];
  const parts = Object.entries(when).map(([name, text]) => `${name}=${text}`);
  // `gcloud topic escaping`: a comma may be part of a text.
  return [`--condition=^${BETWEEN}^${parts.join(BETWEEN)}`];
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
