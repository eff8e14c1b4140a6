import { randomUUID } from "node:crypto";
import { GenerationConflict, type Objects } from "../../night/state/objects.ts";
import { storage, type Place } from "../gcp/clients.ts";
import { asking, ifThere, persistently, statusOf } from "../gcp/failures.ts";

/** Objects of a bucket. Generations are Cloud Storage's own. */
export async function bucketObjects(place: Place, name: string): Promise<Objects> {
  const bucket = (await storage(place)).bucket(name);
  const streams = (await storage(place, { autoRetry: false })).bucket(name);
  const ask = <T>(verb: string, path: string, call: () => Promise<T>) =>
    asking(
      `${verb} gs://${name}/${path}`,
      `check that the bucket ${name} is there, and who may use it`,
      call,
    );
  return {
    get: (path) => ask("Reading", path, () => ifThere(() => persistently(() => read(streams.file(path))))),

    put: (path, data, condition) =>
      ask("Writing", path, async () => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        const file = bucket.file(path);
        const token = randomUUID();
        try {
          await file.save(bytes, {
            // One request: repeating a whole snapshot costs less than asking where the first
            // attempt stopped.
            resumable: false,
            ...(condition && { preconditionOpts: { ifGenerationMatch: condition.ifGeneration ?? 0 } }),
            metadata: { metadata: { [PUT]: token } },
          });
          return String(file.metadata.generation);
        } catch (error) {
          if (!condition || statusOf(error) !== "FAILED_PRECONDITION") throw error;
          const generation = await generationOfPut(file, token);
          if (generation) return generation;
          throw new GenerationConflict(path);
        }
      }),

    list: (prefix) =>
      ask("Listing", prefix, async () => {
        const [files] = await bucket.getFiles({ prefix, fields: "items(name),nextPageToken" });
        return files.map((file) => file.name);
      }),

    delete: (path) =>
      ask("Deleting", path, async () => {
        await bucket.file(path).delete({ ignoreNotFound: true });
      }),
  };
}

type StoredFile = ReturnType<ReturnType<Awaited<ReturnType<typeof storage>>["bucket"]>["file"]>;

/** Metadata that names the put behind an object. */
const PUT = "steamer-put";

/**
 * The client repeats a put whose answer was lost. If the first try had worked, the repeat fails: it
 * finds a new generation, which is our own.
 */
async function generationOfPut(file: StoredFile, token: string): Promise<string | undefined> {
  const found = await ifThere(() => file.getMetadata());
  const metadata = found?.[0];
  return metadata?.metadata?.[PUT] === token ? String(metadata.generation) : undefined;
}

/**
 * An object with the generation that the answer names. If the answer tells its length, it is held
 * in memory only once.
 */
async function read(file: StoredFile): Promise<{ data: Uint8Array; generation: string }> {
  const stream = file.createReadStream({ decompress: false });
  // The client itself adds eleven listeners; Node warns above ten.
  stream.setMaxListeners(20);
  let headers: Record<string, unknown> = {};
  stream.once("response", (response: { headers: Record<string, unknown> }) => ({ headers } = response));
  let data = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const needed = length + chunk.length;
    if (needed > data.length) {
      const known = Number(headers["x-goog-stored-content-length"] ?? 0);
      const larger = Buffer.allocUnsafeSlow(known >= needed ? known : 2 * needed);
      data.copy(larger);
      data = larger;
    }
    length += chunk.copy(data, length);
  }
  return { data: data.subarray(0, length), generation: String(headers["x-goog-generation"]) };
}
