import { query } from "../contracts/settings/query.ts";
import { server } from "../contracts/settings/server.ts";
import type { Deployment } from "./deployment.ts";

/** Where Cloud Run shows the recommender the secret that signs attribution tokens. */
export const TOKEN_KEY_FILE = "/secrets/token-key";

/** The settings that a recommender needs beside its place. */
export const SERVING = { ...query, ...server };

/** What the deployment decides by itself: in the settings file these are for one's own machine. */
const DECIDED = ["host", "port", "access", "page", "opsHost", "opsPort", "tokenKeyFile"];

/** What a recommender on Cloud Run is told: whose it is, and all that the settings file says about serving. */
export function servingSettings({
  given,
  steamer,
  deploy,
}: Pick<Deployment, "given" | "steamer" | "deploy">): Record<string, string> {
  const { shop, project, data, pointer } = steamer;
  const said = Object.entries(given).filter(([name]) => name in SERVING && !DECIDED.includes(name));
  return {
    shop,
    project,
    data,
    pointer,
    access: deploy.access,
    ...Object.fromEntries(said.map(([name, value]) => [name, text(value)])),
  };
}

/** A setting as an environment variable has it. */
function text(value: unknown): string {
  // Weights alone may be null.
  if (value === null) return "uniform";
  if (Array.isArray(value)) return value.join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map((pair) => pair.join("="))
    .join(",");
}
