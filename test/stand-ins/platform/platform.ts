import { createRemoteJWKSet, jwtVerify, type JWTPayload } from "jose";
import type { Identity } from "../tasks/identity.ts";
import { forward, serveHttp, type HttpAnswer, type HttpRequest, type HttpServer } from "./http.ts";

export interface PlatformOptions {
  /**
   * The target of requests; or one server a function, chosen and stripped from the path as
   * cloudfunctions.net does.
   */
  target: string | Record<string, string>;
  /** The accounts that may call. */
  invokers: string[];
  /** Audiences of a token, beside this server's own address and that with the function's name. */
  audience?: string[];
}

/**
 * The front of a function on Google Cloud: it admits requests with a token for the function. Like
 * Cloud Run it answers 401 without a valid token, and 403 to an account that may not invoke. It
 * removes the signature from the requests that it forwards.
 */
export async function startPlatform(identity: Identity, options: PlatformOptions): Promise<HttpServer> {
  const keys = createRemoteJWKSet(new URL(identity.jwksUrl));
  const server = await serveHttp(async (request) => {
    const { target, path, name } = route(options.target, request.url.pathname);
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const audience = [server.url, `${server.url}/`, `${server.url}/${name}`, ...(options.audience ?? [])];
    const claims = await verified(token, () =>
      jwtVerify(token!, keys, { issuer: identity.issuer, audience }),
    );
    if (!claims) return refusal(401, "Unauthorized");
    if (!claims["email_verified"] || !options.invokers.includes(String(claims["email"]))) {
      return refusal(403, "Forbidden");
    }
    if (target === undefined) return refusal(404, "Not Found");
    return forward(target, {
      ...request,
      url: withPath(request.url, path),
      headers: unsigned(request, token!),
    });
  });
  return server;
}

function route(target: PlatformOptions["target"], path: string) {
  const [, name = "", rest = ""] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
  if (typeof target === "string") return { target, path, name };
  return { target: target[name], path: rest || "/", name };
}

async function verified(
  token: string | undefined,
  verify: () => Promise<{ payload: JWTPayload }>,
): Promise<JWTPayload | undefined> {
  if (!token) return undefined;
  return verify().then(
    ({ payload }) => payload,
    () => undefined,
  );
}

const unsigned = ({ headers }: HttpRequest, token: string) => ({
  ...headers,
  authorization: `Bearer ${token.split(".").slice(0, 2).join(".")}.SIGNATURE_REMOVED_BY_GOOGLE`,
});

function withPath(url: URL, path: string): URL {
  const moved = new URL(url);
  moved.pathname = path;
  return moved;
}

const refusal = (status: number, text: string): HttpAnswer => ({
  status,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: `<html><head><title>${status} ${text}</title></head><body>Your client does not have permission to this URL.</body></html>`,
});
