import { Problem } from "../contracts/problem.ts";

interface Entry {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  dev?: boolean;
  devOptional?: boolean;
  [key: string]: unknown;
}

/** A package-lock.json in npm's third format: one entry for each folder below node_modules. */
export interface Lock {
  lockfileVersion: number;
  packages: Record<string, Entry>;
}

/**
 * The part of the project's lock file that one of its workspaces needs: the same versions from the
 * same places, found by Node's own rules.
 * @throws Problem when two packages would have to lie in one folder.
 */
export function pruneLock(lock: Lock, workspace: string, manifest: Entry): Lock & Entry {
  const { dependencies, name, version } = manifest;
  const packages: Record<string, Entry> = { "": { ...lock.packages[workspace], ...(name ? { name } : {}) } };
  const queue: [from: string, entry: Entry][] = [[workspace, { ...(dependencies ? { dependencies } : {}) }]];
  const placed = new Map<string, string>();
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [from, entry] = next;
    for (const wanted of namesNeeded(entry)) {
      const path = resolve(lock, from, wanted);
      if (!path || placed.has(path)) continue;
      const place = path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path;
      if (packages[place]) throw twice(workspace, place);
      const { dev: _dev, devOptional: _devOptional, ...found } = lock.packages[path];
      packages[place] = found;
      placed.set(path, place);
      queue.push([path, found]);
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages: sorted };
}

function namesNeeded({
  dependencies,
  optionalDependencies,
  peerDependencies,
  peerDependenciesMeta,
}: Entry): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Node's rule for finding a package from a folder: the nearest node_modules above it. */
function resolve({ packages }: Lock, from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === "") return null;
  }
}

function twice(workspace: string, place: string): Problem {
  const next = `give ${workspace}/package.json the version of the other packages, and run npm install`;
  return new Problem({ doing: `Assembling ${workspace}`, why: `two versions of ${place} are needed`, next });
}
