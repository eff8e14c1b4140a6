import type { BucketFiles } from "../storage/bucket-files.ts";
import type { Children } from "./child.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Identity } from "../tasks/identity.ts";

/** What the parts of one cloud share. */
export interface World {
  project: string;
  region: string;
  children: Children;
  faults: Faults;
  clock: Clock;
  identity: Identity;
  files: BucketFiles;
  /** Where programs find the bucket. */
  storageUrl: string;
}
