import { Value } from "typebox/value";
import { Type, type Static } from "typebox";

const Claims = Type.Object({
  iss: Type.Union([Type.Literal("https://accounts.google.com"), Type.Literal("accounts.google.com")]),
  aud: Type.String(),
  email: Type.String(),
  email_verified: Type.Literal(true),
  exp: Type.Number(),
});

/** A refused request. 401: the token names no account; 403: the account is not allowed. */
export class Refused extends Error {
  readonly status: 401 | 403;

  constructor(status: 401 | 403, message: string) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

/** Who calls, and for which address their token was made. */
export interface Caller {
  email: string;
  audience: string;
}

/**
 * The caller, from the request's token. Before the request arrives, Cloud Run checks the
 * token's signature and that its holder may invoke the function. It then removes the signature.
 * This is a second check of the account.
 * @param allowed the accounts that may call; absent: every account that Cloud Run lets in.
 * @throws Refused
 */
export function callerOf(
  authorization: string | undefined,
  allowed: string[] | undefined,
  now: Date,
): Caller {
  const claims = claimsOf(authorization);
  if (claims.exp * 1000 < now.getTime()) throw new Refused(401, "the token has expired");
  if (allowed && !allowed.includes(claims.email))
    throw new Refused(403, `${claims.email} may not call this function`);
  return { email: claims.email, audience: claims.aud };
}

/**
 * A service asks for a token for the function that it calls: one for another address was passed on.
 * @throws Refused
 */
export function checkAudience({ audience }: Caller, address: string): void {
  if (audience !== address) throw new Refused(403, `the token is for ${audience}, and not for ${address}`);
}

function claimsOf(authorization: string | undefined): Static<typeof Claims> {
  const payload = /^Bearer [^.\s]+\.([^.\s]+)\./i.exec(authorization ?? "")?.[1];
  if (!payload) throw new Refused(401, "a bearer token of Google's is needed");
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (Value.Check(Claims, claims)) return claims;
  } catch {
    // Not JSON: the same as not a token.
  }
  throw new Refused(401, "the token names no account");
}
