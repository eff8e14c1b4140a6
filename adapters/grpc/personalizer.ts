import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from "@grpc/proto-loader";
import {
  PERSONALIZER,
  type Pair,
  type PopularRequest,
  type Prediction,
  type Recommendations,
  type UserRequest,
} from "../../contracts/personalizer.ts";
import { DESCRIPTORS } from "../../contracts/proto/descriptors.ts";

const FILES = Buffer.from(DESCRIPTORS, "base64");

/** The Personalizer's methods, for grpc-js. */
export interface PersonalizerDefinition extends ServiceDefinition {
  GetUserRecommendations: MethodDefinition<UserRequest, Recommendations>;
  GetPopular: MethodDefinition<PopularRequest, Recommendations>;
  PredictMatrix: MethodDefinition<Pair, Prediction>;
}

const definitions: PackageDefinition = loadFileDescriptorSetFromBuffer(FILES, {
  defaults: true,
  enums: String,
});

export const personalizerDefinition = definitions[PERSONALIZER] as unknown as PersonalizerDefinition;

/**
 * The same for reflection, which looks at the files alone. What the loader itself makes of them
 * lacks imports and maps; these are the compiler's.
 */
export const reflectedDefinitions = {
  files: { fileDescriptorProtos: filesOf(FILES) },
} as unknown as PackageDefinition;

/** The files of a FileDescriptorSet, which is nothing but a list of them, each after its length. */
function filesOf(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length;) {
    let length = 0;
    // A length has seven bits a byte; the eighth says that there is another byte.
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      byte = set[++at];
      length |= (byte & 127) << shift;
    }
    files.push(set.subarray(++at, at + length));
    at += length;
  }
  return files;
}
