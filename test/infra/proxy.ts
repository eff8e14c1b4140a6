import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { TLSSocket, createSecureContext } from "node:tls";

/** One request as a client sent it. */
export interface Call {
  method: string;
  host: string;
  path: string;
  query: URLSearchParams;
  body: string;
}
/** The answer to a call: a status, and JSON (or text). */
export type Answer = [status: number, body: unknown, headers?: Record<string, string>];

/**
 * A proxy that answers every request itself, for any host, and records it. Clients trust the
 * certificate authority at `ca`.
 */
export async function startProxy(folder: string, answer: (call: Call) => Answer) {
  const { ca, key, cert } = makeCertificates(folder);
  const calls: Call[] = [];
  const respond = async (host: string, request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url!, `https://${host}`);
    const body = Buffer.concat(chunks).toString("latin1");
    const call = {
      method: request.method!,
      host: url.hostname,
      path: url.pathname,
      query: url.searchParams,
      body,
    };
    calls.push(call);
    const [status, content, headers = {}] = answer(call);
    const text = typeof content === "string" ? content : JSON.stringify(content);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  };
  const hosts = new WeakMap<object, string>();
  const inner = createServer(
    (request, response) => void respond(hosts.get(request.socket)!, request, response),
  );
  const context = createSecureContext({ key, cert });
  const outer = createServer((_request, response) => response.writeHead(501).end());
  outer.on("connect", (request, socket) => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
    hosts.set(secure, request.url!.split(":")[0]);
    secure.on("error", () => secure.destroy());
    inner.emit("connection", secure);
  });
  await new Promise<void>((resolve) => outer.listen(0, "127.0.0.1", resolve));
  const { port } = outer.address() as AddressInfo;
  const close = () => {
    outer.close();
    inner.closeAllConnections();
  };
  return { port, ca, calls, close };
}

/** An authority of our own, and one certificate for all of Google's hosts. */
function makeCertificates(folder: string) {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=Steamer test authority",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=googleapis.com",
    "-keyout",
    at("leaf.key"),
    "-out",
    at("leaf.csr"),
  );
  const names = ["*.googleapis.com", "*.rep.googleapis.com", "accounts.google.com", "*.cloudfunctions.net"];
  writeFileSync(
    at("leaf.ext"),
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\nbasicConstraints=CA:FALSE\n`,
  );
  openssl(
    "x509",
    "-req",
    "-days",
    "2",
    "-in",
    at("leaf.csr"),
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
    "-CAcreateserial",
    "-extfile",
    at("leaf.ext"),
    "-out",
    at("leaf.pem"),
  );
  return { ca: at("ca.pem"), key: readFileSync(at("leaf.key")), cert: readFileSync(at("leaf.pem")) };
}
