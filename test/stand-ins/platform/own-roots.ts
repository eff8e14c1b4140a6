import { getCACertificates, setDefaultCACertificates } from "node:tls";

// A machine may name other roots for grpc-js, which reads the name when it is loaded. Without it
// grpc-js trusts what Node trusts. So this file is the first that a test imports.
delete process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"];

/** Lets TLS clients of this process trust a stand-in's certificate too. */
export const trust = (certificate: string): void =>
  setDefaultCACertificates([...getCACertificates("default"), certificate]);
