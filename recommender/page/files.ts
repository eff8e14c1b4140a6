import { readFileSync } from "node:fs";
import type { App } from "../http/fastify-app.ts";

const FOLDER = new URL("./browser/", import.meta.url);
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript", svg: "image/svg+xml" } as const;
/**
 * Pages load from this service alone. They set data as text; this policy holds if that should fail.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Pages are no part of the API. */
export const HIDDEN = { hide: true };

/** Serves pages by their address, and their parts below /page/. */
export function addFiles(app: App, pages: Record<string, string>, parts: string[]): void {
  const files = [...Object.entries(pages), ...parts.map((part) => [`/page/${part}`, part] as const)];
  for (const [url, file] of files) {
    const content = readFileSync(new URL(file, FOLDER), "utf8");
    const type = `${TYPES[file.split(".").at(-1) as keyof typeof TYPES]}; charset=utf-8`;
    app.get(url, { schema: HIDDEN, prefixTrailingSlash: "slash" }, (_request, reply) => {
      reply.headers({ "content-security-policy": POLICY, "cache-control": "no-cache" });
      return reply.type(type).send(content);
    });
  }
}
