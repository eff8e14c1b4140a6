import type { FastifyInstance } from "fastify";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings.ts";
import type { Objects } from "../night/objects.ts";
import { buildApp } from "./app.ts";
import { followPointer, type CurrentModel } from "./current-model.ts";

/** How often the pointer is looked at. */
const REFRESH_MS = 5_000;

export interface Server {
  app: FastifyInstance;
  url: string;
  model: CurrentModel;
  close(): Promise<void>;
}

export interface ServeOptions {
  settings: Settings;
  objects: Objects;
  logger?: boolean | object;
}

/**
 * Loads the current model and listens.
 * @throws Problem when there is no usable model, or the port is taken.
 */
export async function serve({ settings, objects, logger = false }: ServeOptions): Promise<Server> {
  const model = followPointer(objects, settings.shop, settings);
  if (!(await model.refresh())) throw noModel(settings);
  const app = buildApp({ model, logger });
  const timer = setInterval(() => refresh(app, model), REFRESH_MS).unref();
  app.addHook("onClose", () => clearInterval(timer));
  const url = await listen(app, settings);
  return { app, url, model, close: () => app.close() };
}

async function refresh(app: FastifyInstance, model: CurrentModel): Promise<void> {
  try {
    if (await model.refresh()) app.log.info({ model: model.get()?.name }, "a new model answers");
  } catch (error) {
    app.log.error(error, "the new model was refused; the old one goes on answering");
  }
}

async function listen(app: FastifyInstance, { host, port }: Settings): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "another program is listening there" : message;
    const next =
      code === "EADDRINUSE"
        ? `stop it, or choose another port: PORT=${port + 1}`
        : "choose another --host or --port";
    throw new Problem({ doing: `Listening on ${host}:${port}`, why, next, cause });
  }
}

function noModel({ shop, data }: Settings): Problem {
  const next = `run a night first: steamer nightly --shop ${shop} --events <files>`;
  return new Problem({ doing: `Serving ${shop} from ${data}`, why: "no model has been published yet", next });
}
