import type { ScopeMetrics } from "../../contracts/metrics.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

/** What a person should know of the scopes that a night found; none are asked for: nothing. */
export function scopeWarnings(
  scopes: ScopeMetrics | undefined,
  { minScopeUsers }: Pick<Settings, "minScopeUsers">,
): string[] {
  if (!scopes) return [];
  const { found, small, listed } = scopes;
  if (found === 0) return ["no event names a scope of its user: look at ga4Scope, or map"];
  if (listed === 0)
    return [`there are no scopes of users: each of the ${found} has fewer than ${minScopeUsers} users`];
  const beyond = found - small - listed;
  if (beyond === 0) return [];
  return [`${beyond} scopes of users were left out: only the ${listed} with the most users are kept`];
}
