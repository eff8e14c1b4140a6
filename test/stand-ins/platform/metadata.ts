import type { Identity } from "../tasks/identity.ts";
import { serveHttp, type HttpServer } from "./http.ts";

/**
 * The metadata server of a machine on Google Cloud: it gives identity tokens of the account that
 * the machine runs as. Google's clients find it by the variable GCE_METADATA_HOST.
 */
export function startMetadata(identity: Identity, email: string): Promise<HttpServer> {
  const flavour = { "metadata-flavor": "Google" };
  return serveHttp(async ({ url, headers }) => {
    if (headers["metadata-flavor"] !== "Google") return { status: 403, body: "Metadata-Flavor is missing" };
    const audience = url.searchParams.get("audience");
    const isIdentity = url.pathname.endsWith("/service-accounts/default/identity");
    if (isIdentity && audience === null) return { status: 400, headers: flavour, body: "no audience" };
    if (isIdentity)
      return { status: 200, headers: flavour, body: await identity.token({ audience: audience!, email }) };
    if (url.pathname.endsWith("/universe/universe-domain"))
      return { status: 200, headers: flavour, body: "googleapis.com" };
    const isThere = url.pathname === "/computeMetadata/v1/instance";
    return { status: isThere ? 200 : 404, headers: flavour, body: "" };
  });
}
