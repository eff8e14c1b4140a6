import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { DESCRIPTORS } from "../../contracts/proto/descriptors.ts";

const bytesOf = (name: keyof typeof DESCRIPTORS) => Buffer.from(DESCRIPTORS[name], "base64");

/**
 * What grpc-js needs of a compiled contract: a service's methods, and the files for reflection, the
 * health service's among them.
 */
export function contractOf<Definition extends ServiceDefinition>(
  name: keyof typeof DESCRIPTORS,
  service: string,
) {
  const set = bytesOf(name);
  const loaded = loadFileDescriptorSetFromBuffer(set, { defaults: true, enums: String });
  const files = [...filesOf(bytesOf("health")), ...filesOf(set)];
  return { definition: loaded[service] as unknown as Definition, files };
}

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
