import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** From now on each answer ends its connection: whoever comes again connects elsewhere. */
    drain(): void;
  }
}

/** Pause between two closings of idle connections, while the app closes. */
const LOOK_MS = 50;

/**
 * Lets connections end between requests. Node itself closes those that are idle when it stops
 * listening, in the face of who is just about to send; and waits for those that become idle later.
 */
export function makeDrainable(app: FastifyInstance): void {
  let isDraining = false;
  app.decorate("drain", () => void (isDraining = true));
  app.addHook("preClose", (done) => {
    isDraining = true;
    const timer = setInterval(() => app.server.closeIdleConnections(), LOOK_MS).unref();
    app.server.once("close", () => clearInterval(timer));
    done();
  });
  app.addHook("onRequest", (_request, reply, done) => {
    if (isDraining) reply.header("connection", "close");
    done();
  });
}
