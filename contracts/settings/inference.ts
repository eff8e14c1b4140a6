import { Type } from "typebox";
import { grpcServer } from "./grpc-server.ts";
import { integer, mapping, number } from "./schema.ts";

/** The inference service's addresses, its model, and its limits. */
export const inference = {
  ...grpcServer("inference", {
    who: "the inference service",
    port: 50_052,
    maxCalls: 500,
    streams: "streams of texts",
  }),
  "inference.model": Type.String({
    description:
      "a text-classification model in Hugging Face's ONNX layout: a folder, or gs://<bucket>/<folder>; it is taken up anew when its config.json is replaced",
    default: ".steamer/sentiment",
    minLength: 1,
  }),
  "inference.labels": mapping(
    "what each label of the model stands for, from 0 (negative) to 1: label=value (default: by numbers or known words in the labels)",
    "^.{1,100}$",
    "^(0|1|0?\\.[0-9]{1,6}|1\\.0{1,6})$",
  ),
  "inference.threads": integer(
    "worker threads, each with a copy of the model; 0: one for each core but one, at least one",
    0,
    0,
    256,
  ),
  "inference.maxBatch": integer("texts that a thread classifies at once", 32, 1, 1024),
  "inference.batchMs": number(
    "milliseconds that a text waits for others at most, while a thread is free",
    2,
    0,
    1000,
  ),
};
