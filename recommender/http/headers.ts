import type { FastifyInstance } from "fastify";

/**
 * Browsers must not guess our types, nor frame or run our answers. Pages set a policy of their own.
 * Nobody keeps an answer whose route does not say so: a cache in front would give it to those who
 * have no key, or after an item was taken down.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    done();
  });
}
