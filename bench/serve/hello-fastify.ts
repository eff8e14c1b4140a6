/** Fastify's hello world, with an answer as long as ours and the same headers. */
import Fastify from "fastify";
import { readSample } from "./sample.ts";

const { headers, body } = readSample(process.argv[2]);
const app = Fastify();
app.get("/make_recommendation", async (_request, reply) => {
  reply.headers(headers);
  return body;
});
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"]) });
process.once("SIGINT", () => process.exit());
