import { credentials } from "@grpc/grpc-js";

/** Options for an official gRPC client of a stand-in. */
export function grpcClient(project: string, endpoint: string | undefined) {
  const [apiEndpoint, port] = endpoint!.split(":") as [string, string];
  return { projectId: project, apiEndpoint, port: Number(port), sslCreds: credentials.createInsecure() };
}
