import type { Identity } from "./identity.ts";

/** An HTTP call as Cloud Tasks and Cloud Scheduler describe it. */
export interface HttpTarget {
  url: string;
  httpMethod?: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  oidcToken?: { serviceAccountEmail: string; audience?: string } | null;
  /** Seconds until a missing answer counts as a failure. */
  deadline: number;
}

/**
 * Makes the call with a token of its account.
 * @returns the HTTP status; 0 without an answer in time.
 */
export async function postWithToken(
  identity: Identity,
  target: HttpTarget,
  headers: Record<string, string>,
  stop: AbortSignal,
): Promise<number> {
  const { url, httpMethod, oidcToken, body } = target;
  const method = httpMethod && !httpMethod.endsWith("UNSPECIFIED") ? httpMethod : "POST";
  const token =
    oidcToken &&
    (await identity.token({ email: oidcToken.serviceAccountEmail, audience: oidcToken.audience || url }));
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...target.headers, ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      ...(body?.length && { body: new Uint8Array(body) }),
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(target.deadline * 1000)]),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
