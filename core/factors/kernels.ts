import { KERNELS } from "./assembly/dense.wasm.ts";

/**
 * The exports of assembly/dense.ts, which documents them. Numbers named as pointers there are
 * byte offsets into the memory.
 */
export interface Kernels {
  fill(
    rows: number,
    from: number,
    to: number,
    stride: number,
    factors: number,
    seed: number,
    bound: number,
  ): void;
  gram(rows: number, from: number, to: number, stride: number, into: number): void;
  decompose(matrix: number, size: number, stride: number): number;
  rotate(rows: number, from: number, to: number, stride: number, by: number, scratch: number): void;
  score(x: number, rows: number, from: number, to: number, stride: number, into: number): void;
  solve(
    rowStart: number,
    column: number,
    weight: number,
    regularization: number,
    from: number,
    to: number,
    stride: number,
    diagonal: number,
    unobserved: number,
    fixed: number,
    solved: number,
    steps: number,
    tolerance: number,
    scratch: number,
  ): void;
  loss(
    rowStart: number,
    column: number,
    weight: number,
    regularization: number,
    from: number,
    to: number,
    stride: number,
    unobserved: number,
    fixed: number,
    solved: number,
  ): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernels, at work on this memory. Each thread makes its own. */
export function createKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNELS, "base64"));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}

/** Rows are padded to a multiple of 8 numbers, the width of a tile. */
export const strideOf = (factors: number) => (factors + 7) & ~7;
