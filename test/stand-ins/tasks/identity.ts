import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import { json, serveHttp } from "../platform/http.ts";

export interface TokenOptions {
  audience: string;
  /** The service account. */
  email: string;
  /** Seconds until it expires (default an hour; negative: expired). */
  lifetime?: number;
}

/** A signer of tokens, like Google. */
export interface Identity {
  /** The tokens' `iss`. */
  issuer: string;
  /** The address of the public key. */
  jwksUrl: string;
  /** A token as Cloud Tasks and Cloud Scheduler send it. */
  token(options: TokenOptions): Promise<string>;
  /** The same claims, signed by another key. */
  forgedToken(options: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

const ISSUER = "https://accounts.google.com";

/** An issuer of OIDC tokens with a key of its own: RS256, its JWKS over HTTP. */
export async function startIdentity(): Promise<Identity> {
  const [ours, foreign] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwks = {
    keys: [{ ...(await exportJWK(ours.publicKey)), kid: "stand-in", alg: "RS256", use: "sig" }],
  };
  const server = await serveHttp(() => Promise.resolve(json(200, jwks)));
  const sign = (key: Parameters<SignJWT["sign"]>[0]) => (options: TokenOptions) =>
    new SignJWT(claims(options)).setProtectedHeader({ alg: "RS256", kid: "stand-in", typ: "JWT" }).sign(key);
  return {
    issuer: ISSUER,
    jwksUrl: `${server.url}/jwks`,
    token: sign(ours.privateKey),
    forgedToken: sign(foreign.privateKey),
    close: () => server.close(),
  };
}

function claims({ audience, email, lifetime = 3600 }: TokenOptions): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const account = Buffer.from(email).toString("hex").slice(0, 21);
  const whose = { sub: account, azp: account, email, email_verified: true };
  return { iss: ISSUER, aud: audience, iat: Math.min(now, now + lifetime), exp: now + lifetime, ...whose };
}
