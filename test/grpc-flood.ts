import { once } from "node:events";
import { connect } from "node:http2";
import { setTimeout } from "node:timers/promises";
import type { MethodDefinition } from "@grpc/grpc-js";

/**
 * Writes a request again and again until no more is taken, and only then reads. It speaks HTTP/2
 * itself: the client of grpc-js reads answers that nobody has asked it for.
 */
export async function writeUntilFull<Request>(
  address: string,
  { path, requestSerialize }: Pick<MethodDefinition<Request, unknown>, "path" | "requestSerialize">,
  message: Request,
): Promise<{ written: number; read: number }> {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const body = requestSerialize(message);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  const frame = Buffer.concat([head, body]);
  let [written, isFull] = [0, false];
  for (; written < 50_000 && !isFull; written++) {
    if (stream.write(frame)) continue;
    const drained = new Promise<boolean>((done) => stream.once("drain", () => done(false)));
    isFull = await Promise.race([drained, setTimeout(1000, true)]);
  }
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream.end(), "end");
  session.close();
  const answers = Buffer.concat(chunks);
  let read = 0;
  for (let at = 0; at < answers.length; at += 5 + answers.readUInt32BE(at + 1)) read++;
  return { written, read };
}
