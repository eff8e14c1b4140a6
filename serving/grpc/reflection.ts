import type { Server } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

/**
 * Tells clients what services there are. It looks at the files alone: what the loader itself makes
 * of them lacks imports and maps, these are the compiler's.
 */
export function addReflection(server: Server, fileDescriptorProtos: readonly Buffer[]): void {
  const definitions = { files: { fileDescriptorProtos } } as unknown as PackageDefinition;
  new ReflectionService(definitions).addToServer(server);
}
