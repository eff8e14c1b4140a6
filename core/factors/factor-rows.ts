import type { SideName, Workspace } from "./workspace.ts";

/** The factors of users, or of items, one row each: row r is `values` from r x factors on. */
export interface FactorRows {
  rows: number;
  factors: number;
  values: Float32Array;
}

/** A copy of what was trained, without the padding. */
export function trainedRows(workspace: Workspace, name: SideName): FactorRows {
  const { memory, stride, factors } = workspace;
  const side = workspace[name];
  const padded = new Float32Array(memory.buffer, side.factors, side.rows * stride);
  if (stride === factors) return { rows: side.rows, factors, values: padded.slice() };
  const values = new Float32Array(side.rows * factors);
  for (let r = 0; r < side.rows; r++)
    values.set(padded.subarray(r * stride, r * stride + factors), r * factors);
  return { rows: side.rows, factors, values };
}

export const rowOf = ({ factors, values }: FactorRows, row: number): Float32Array =>
  values.subarray(row * factors, (row + 1) * factors);
