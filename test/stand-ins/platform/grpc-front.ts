import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, constants, createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Identity } from "../tasks/identity.ts";

export interface GrpcFrontOptions {
  /** host:port of the service, without TLS. */
  target(): string;
  /** The accounts that may call. */
  invokers: string[];
}

export interface GrpcFront {
  /** localhost:<port> */
  address: string;
  /** The certificate that clients must trust. */
  certificate: string;
  /** The statuses of refused calls. */
  refused: number[];
  close(): void;
}

/**
 * The front of a gRPC service on Cloud Run: it ends TLS, and admits calls with a token for its
 * address alone. It answers 401 without a valid one, 403 to an account that may not invoke, and 503
 * while nothing listens behind it.
 */
export async function startGrpcFront(identity: Identity, options: GrpcFrontOptions): Promise<GrpcFront> {
  const { key, certificate } = madeCertificate();
  const server = createSecureServer({ key, cert: certificate });
  const keys = createRemoteJWKSet(new URL(identity.jwksUrl));
  const refused: number[] = [];
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `localhost:${(server.address() as AddressInfo).port}`;
  const audience = `https://${address}`;

  async function statusOf(authorization: string | undefined): Promise<number> {
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    if (!token) return 401;
    return jwtVerify(token, keys, { issuer: identity.issuer, audience }).then(
      ({ payload }) => (options.invokers.includes(String(payload["email"])) ? 200 : 403),
      () => 401,
    );
  }

  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => void sessions.add(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    void statusOf(headers.authorization).then((status) => {
      if (status === 200) return pass(stream, headers, options.target());
      refused.push(status);
      stream.respond({ ":status": status }, { endStream: true });
    });
  });
  const close = () => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  return { address, certificate, refused, close };
}

/** Forwards one call with its trailers. */
function pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, target: string): void {
  const upstream = connect(`http://${target}`);
  const down = () => {
    if (!stream.headersSent && !stream.destroyed) stream.respond({ ":status": 503 }, { endStream: true });
    else stream.close();
  };
  upstream.on("error", down);
  const { ":authority": _a, ":scheme": _s, authorization: _t, ...rest } = headers;
  const call = upstream.request(rest as OutgoingHttpHeaders, { endStream: false });
  let trailers: OutgoingHttpHeaders = {};
  call.on("error", down);
  call.on("response", (answer, flags) => {
    const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (stream.destroyed) return;
    stream.respond(plain(answer), isAll ? { endStream: true } : { waitForTrailers: true });
    if (!isAll) call.pipe(stream);
  });
  call.on("trailers", (last) => (trailers = plain(last)));
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.on("close", () => (call.close(), upstream.close()));
  stream.pipe(call);
}

const plain = (headers: IncomingHttpHeaders): OutgoingHttpHeaders => ({ ...headers });

function madeCertificate(): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), "steamer-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...name];
  const { status, stderr } = spawnSync("openssl", [...args, "-keyout", key, "-out", cert], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`openssl makes no certificate: ${stderr}`);
  const made = { key: readFileSync(key, "utf8"), certificate: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}
