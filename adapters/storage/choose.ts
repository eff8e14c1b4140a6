import { isBesidePointer, mayReachPointer } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { compareUtf8 } from "../../core/text/order.ts";
import type { Objects } from "../../night/state/objects.ts";

/** The settings that locate a shop's objects. */
export type Places = Pick<Settings, "data" | "pointer" | "project" | "region" | "endpoints">;

/**
 * All objects of a shop, in a folder or a bucket by the scheme of `data`. With `pointer`, the
 * objects that few accounts may write lie apart.
 */
export async function openObjects(settings: Places): Promise<Objects> {
  const data = await open(settings, settings.data);
  return settings.pointer ? withPointer(data, await open(settings, settings.pointer)) : data;
}

/** What lies below a place: a folder, or gs://<bucket>/<folder>. */
export async function openFolder(settings: Places, place: string): Promise<Pick<Objects, "get">> {
  const [, bucket, folder] = /^(gs:\/\/[^/]+)\/?(.*?)\/?$/.exec(place) ?? [];
  if (bucket === undefined || folder === "") return open(settings, bucket ?? place);
  const objects = await open(settings, bucket);
  return { get: (path) => objects.get(`${folder}/${path}`) };
}

/** The name of a bucket; undefined if the place is a folder. */
export const bucketOf = (place: string): string | undefined => /^gs:\/\/(.+)$/.exec(place)?.[1];

async function open(settings: Places, place: string): Promise<Objects> {
  const bucket = bucketOf(place);
  if (bucket === undefined) return (await import("./files.ts")).fileObjects(place);
  return (await import("./bucket.ts")).bucketObjects(settings, bucket);
}

function withPointer(data: Objects, pointer: Objects): Objects {
  const at = (path: string) => (isBesidePointer(path) ? pointer : data);
  return {
    get: (path) => at(path).get(path),
    put: (path, bytes, condition) => at(path).put(path, bytes, condition),
    delete: (path) => at(path).delete(path),
    async list(prefix) {
      if (!mayReachPointer(prefix)) return data.list(prefix);
      const [found, pointed] = await Promise.all([data.list(prefix), pointer.list(prefix)]);
      return [...found, ...pointed.filter(isBesidePointer)].sort(compareUtf8);
    },
  };
}
