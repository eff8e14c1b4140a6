import { query } from "../contracts/settings/query.ts";
import { server } from "../contracts/settings/server.ts";
import type { Deployment } from "./deployment.ts";

/** The path at which Cloud Run mounts the secret that signs attribution tokens. */
export const TOKEN_KEY_FILE = "/secrets/token-key";

/** A recommender's settings, beside those of its place. */
export const SERVING = { ...query, ...server };

/** The deployment decides on these itself; in the settings file they are for one's own machine. */
const DECIDED = ["host", "port", "access", "page", "opsHost", "opsPort", "tokenKeyFile"];

/** True if a setting of the file is passed on to the recommender. */
export const isPassedOn = (name: string) => name in SERVING && !DECIDED.includes(name);

/** The settings of a recommender on Cloud Run: its place, and the file's settings about serving. */
export function servingSettings({
  given,
  steamer,
  deploy,
}: Pick<Deployment, "given" | "steamer" | "deploy">): Record<string, string> {
  const { shop, project, data, pointer } = steamer;
  const said = Object.entries(given).filter(([name]) => isPassedOn(name));
  return {
    shop,
    project,
    data,
    pointer,
    access: deploy.access,
    ...Object.fromEntries(said.map(([name, value]) => [name, text(value)])),
  };
}

/** A setting's value as text for an environment variable. */
function text(value: unknown): string {
  // Only weights may be null.
  if (value === null) return "uniform";
  if (Array.isArray(value)) return value.join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map((pair) => pair.join("="))
    .join(",");
}
