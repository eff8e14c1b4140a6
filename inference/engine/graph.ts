import { InferenceSession, Tensor, type OnnxValue } from "onnxruntime-node";

const INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/** A text-classification graph. */
export interface Graph {
  /**
   * The logits of texts, in rows. Shorter texts are padded.
   * @throws Error when the graph cannot read these ids
   */
  run(texts: readonly (readonly number[])[], padId: number): Promise<Float32Array>;
}

/**
 * @param labels columns of the logits
 * @throws Error with a reason for people when it is no graph, or one for something else
 */
export async function openGraph(bytes: Uint8Array, labels: number): Promise<Graph> {
  // The library takes no memory that is shared.
  const session = await InferenceSession.create(bytes.slice(), {
    executionProviders: ["cpu"],
    // Each thread of ours is one of the processor's.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Its errors are thrown as well.
    logSeverityLevel: 4,
  }).catch((cause: unknown) => {
    throw new Error(`the graph cannot be opened: ${(cause as Error).message}`, { cause });
  });
  const types = inputTypes(session);
  if (!session.outputNames.includes("logits"))
    throw new Error(`the graph has the outputs ${session.outputNames.join(", ")}, and none is named logits`);
  return {
    async run(texts, padId) {
      const { logits } = await session.run(feedsOf(texts, padId, types), ["logits"], { logSeverityLevel: 4 });
      return checked(logits, texts.length, labels);
    },
  };
}

type IdType = "int32" | "int64";

/** The type of each input. */
function inputTypes(session: InferenceSession): Map<string, IdType> {
  const strange = session.inputNames.filter((name) => !INPUTS.includes(name));
  if (strange.length > 0 || !session.inputNames.includes("input_ids")) {
    const found = session.inputNames.join(", ") || "none";
    throw new Error(`the graph has the inputs ${found}; a text classifier has ${INPUTS.join(", ")}`);
  }
  return new Map(
    session.inputMetadata.map((input) => {
      const type = input.isTensor ? input.type : "no tensor";
      if (type === "int32" || type === "int64") return [input.name, type];
      throw new Error(`the graph's input ${input.name} is ${type}; it must be int64 or int32`);
    }),
  );
}

function feedsOf(
  texts: readonly (readonly number[])[],
  padId: number,
  types: ReadonlyMap<string, IdType>,
): Record<string, Tensor> {
  const width = Math.max(...texts.map((ids) => ids.length));
  const cells = (valueOf: (ids: readonly number[], k: number) => number) =>
    texts.flatMap((ids) => Array.from({ length: width }, (_, k) => valueOf(ids, k)));
  const values: Record<string, () => number[]> = {
    input_ids: () => cells((ids, k) => ids[k] ?? padId),
    attention_mask: () => cells((ids, k) => (k < ids.length ? 1 : 0)),
    token_type_ids: () => cells(() => 0),
  };
  const dims = [texts.length, width];
  return Object.fromEntries(
    [...types].map(([name, type]) => {
      const data = values[name]();
      if (type === "int32") return [name, new Tensor(type, Int32Array.from(data), dims)];
      return [name, new Tensor(type, BigInt64Array.from(data, BigInt), dims)];
    }),
  );
}

function checked(logits: OnnxValue, texts: number, labels: number): Float32Array {
  const { dims, data } = logits as Tensor;
  if (!(data instanceof Float32Array)) throw new Error("the graph's logits are not float32");
  if (dims.length !== 2 || dims[0] !== texts || dims[1] !== labels) {
    const shape = `${texts} x ${labels}`;
    throw new Error(
      `the graph's logits are ${dims.join(" x ")} where they should be ${shape}: one text a row, one label of config.json a column`,
    );
  }
  if (!data.every(Number.isFinite)) throw new Error("the graph's logits are not all numbers");
  return data;
}
