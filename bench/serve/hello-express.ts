/** Express' hello world, with an answer as long as ours and the same headers. */
import express from "express";
import { readSample } from "./sample.ts";

const { headers, body } = readSample(process.argv[2]);
const app = express();
app.disable("x-powered-by");
app.get("/make_recommendation", (_request, response) => {
  response.set(headers).json(body);
});
app.listen(Number(process.env["PORT"]), "127.0.0.1");
process.once("SIGINT", () => process.exit());
