import type { paths } from "../../../contracts/layout.ts";
import type { LoadMetrics } from "../../../contracts/metrics.ts";
import { putFile, type ModelFiles } from "../../../night/state/model-file.ts";
import type { Objects } from "../../../night/state/objects.ts";
import type { buildFactors } from "./build-factors.ts";

/** The bytes of a model's files. */
export interface BuiltModel {
  items: number;
  snapshot: Uint8Array;
  factors?: Awaited<ReturnType<typeof buildFactors>>;
  catalogue?: LoadMetrics["catalogue"] | undefined;
}

/** Stores a model's files. What is stored can be opened without reading it again. */
export async function storeModel(
  objects: Objects,
  output: ReturnType<typeof paths.load>,
  { items, snapshot, factors, catalogue }: BuiltModel,
  hash?: (data: Uint8Array) => Promise<string>,
): Promise<ModelFiles> {
  const inMemory = new Map<string, Uint8Array>();
  const put = async (path: string, data: Uint8Array, as = putFile) => {
    const file = await as(objects, path, data, hash);
    inMemory.set(file.path, data);
    return file;
  };
  const loaded: LoadMetrics = { snapshot: await put(output.snapshot, snapshot), items };
  if (catalogue) loaded.catalogue = catalogue;
  if (factors)
    loaded.factors = {
      items: await put(output.itemFactors, factors.items),
      users: await put(output.userFactors, factors.users, factors.putUsers),
    };
  return { loaded, open: async ({ path }, decode) => decode(inMemory.get(path)!) };
}
