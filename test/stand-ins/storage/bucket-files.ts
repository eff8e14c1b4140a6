import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../platform/faults.ts";

/** Reads and writes objects by their gs:// addresses, as Google's own services do. */
export class BucketFiles {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The objects of a pattern with at most one `*` at its end or within names. */
  async list(pattern: string): Promise<string[]> {
    const { bucket, name } = parse(pattern);
    const [prefix = "", suffix] = name.split("*");
    const found: string[] = [];
    let page = "";
    do {
      const query = new URLSearchParams({ prefix, ...(page && { pageToken: page }) });
      const answer = await fetch(`${this.#url}/storage/v1/b/${bucket}/o?${query}`);
      if (!answer.ok) throw new Failure("NOT_FOUND", `Not found: bucket ${bucket}`, { reason: "notFound" });
      const { items = [], nextPageToken = "" } = (await answer.json()) as Listing;
      found.push(
        ...items
          .map((item) => item.name)
          .filter((n) => (suffix === undefined ? n === name : n.endsWith(suffix))),
      );
      page = nextPageToken;
    } while (page);
    return found.map((name) => `gs://${bucket}/${name}`);
  }

  /** @throws Error when there is no such object. */
  async read(uri: string): Promise<Buffer> {
    const { bucket, name } = parse(uri);
    const answer = await fetch(`${this.#url}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`);
    if (!answer.ok) throw new Failure("NOT_FOUND", `Not found: URI ${uri}`, { reason: "notFound" });
    return Buffer.from(await answer.arrayBuffer());
  }

  async write(uri: string, data: Uint8Array | string): Promise<void> {
    const { bucket, name } = parse(uri);
    const query = new URLSearchParams({ uploadType: "media", name });
    const answer = await fetch(`${this.#url}/upload/storage/v1/b/${bucket}/o?${query}`, {
      method: "POST",
      body: Buffer.from(data),
    });
    if (!answer.ok) throw new Error(`${uri} could not be written: ${await answer.text()}`);
  }

  /** Copies an object to a file, with the folders that it needs. */
  async download(uri: string, path: string): Promise<void> {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await this.read(uri));
  }

  /** Copies all files of a folder below a gs:// prefix. */
  async uploadFolder(folder: string, prefix: string): Promise<void> {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await this.write(prefix + path.slice(folder.length + 1), readFileSync(path));
    }
  }
}

interface Listing {
  items?: { name: string }[];
  nextPageToken?: string;
}

function parse(uri: string): { bucket: string; name: string } {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  if (!bucket) throw new Error(`${uri} is not a gs:// address`);
  return { bucket, name: name! };
}
