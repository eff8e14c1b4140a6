// The dense kernels of matrix factorisation, in AssemblyScript: WebAssembly SIMD on float32, and on
// float64 where it says so.
// Pointers are byte offsets into memory that all threads share. A matrix is stored by rows. Its
// `stride` is a row's length in floats, a multiple of 8; columns that are not used hold zeros.

/** Bytes of a vector of four floats. */
const V: usize = 16;

/** Bytes of a row. */
function bytes(stride: i32): usize {
  return (<usize>stride) << 2;
}

/** The address of the k-th float. */
function at(p: usize, k: i32): usize {
  return p + ((<usize>k) << 2);
}

function madd(a: v128, b: v128, c: v128): v128 {
  return v128.relaxed_madd<f32>(a, b, c);
}

function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** [sum(a), sum(b), sum(c), sum(d)] */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

function dot(a: usize, b: usize, stride: i32): f32 {
  let s = f32x4.splat(0);
  let t = s;
  const end = a + bytes(stride);
  while (a < end) {
    s = madd(v128.load(a), v128.load(b), s);
    t = madd(v128.load(a, V), v128.load(b, V), t);
    a += 2 * V;
    b += 2 * V;
  }
  return sum(f32x4.add(s, t));
}

/**
 * Fills rows from .. to - 1 with numbers between -bound and bound, the first `factors` of each row.
 * Each is a hash (murmur3's finish) of the seed and its place, whatever thread writes it.
 */
export function fill(
  rows: usize,
  from: i32,
  to: i32,
  stride: i32,
  factors: i32,
  seed: u32,
  bound: f32,
): void {
  for (let r = from; r < to; r++) {
    const row = rows + <usize>r * bytes(stride);
    for (let k = 0; k < factors; k++) {
      let h = <u32>r * <u32>stride + <u32>k + seed * 0x9e3779b1;
      h = (h ^ (h >>> 16)) * 0x85ebca6b;
      h = (h ^ (h >>> 13)) * 0xc2b2ae35;
      h ^= h >>> 16;
      store<f32>(at(row, k), bound * <f32>(<f64>h / 2147483648.0 - 1.0));
    }
  }
}

/**
 * Adds a tile of sums to `into`, or subtracts it: the sum over k < count of a[k][r] b[k][c], for
 * four r and two vectors of c (8 of f32, 4 of f64). Eight vectors hold it meanwhile. Steps and
 * lengths of rows are in bytes.
 */
function addTile<T>(
  a: usize,
  aStep: usize,
  aRow: usize,
  b: usize,
  bStep: usize,
  count: i32,
  into: usize,
  intoRow: usize,
  isMinus: bool = false,
): void {
  const zero = v128.splat<T>(0);
  let c00 = zero;
  let c01 = zero;
  let c10 = zero;
  let c11 = zero;
  let c20 = zero;
  let c21 = zero;
  let c30 = zero;
  let c31 = zero;
  for (let k = 0; k < count; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, V);
    let x = v128.load_splat<T>(a);
    c00 = v128.relaxed_madd<T>(x, b0, c00);
    c01 = v128.relaxed_madd<T>(x, b1, c01);
    x = v128.load_splat<T>(a + aRow);
    c10 = v128.relaxed_madd<T>(x, b0, c10);
    c11 = v128.relaxed_madd<T>(x, b1, c11);
    x = v128.load_splat<T>(a + 2 * aRow);
    c20 = v128.relaxed_madd<T>(x, b0, c20);
    c21 = v128.relaxed_madd<T>(x, b1, c21);
    x = v128.load_splat<T>(a + 3 * aRow);
    c30 = v128.relaxed_madd<T>(x, b0, c30);
    c31 = v128.relaxed_madd<T>(x, b1, c31);
    a += aStep;
    b += bStep;
  }
  addPair<T>(into, c00, c01, isMinus);
  addPair<T>(into + intoRow, c10, c11, isMinus);
  addPair<T>(into + 2 * intoRow, c20, c21, isMinus);
  addPair<T>(into + 3 * intoRow, c30, c31, isMinus);
}

function addPair<T>(p: usize, low: v128, high: v128, isMinus: bool): void {
  const first = v128.load(p);
  const second = v128.load(p, V);
  v128.store(p, isMinus ? v128.sub<T>(first, low) : v128.add<T>(first, low));
  v128.store(p, isMinus ? v128.sub<T>(second, high) : v128.add<T>(second, high), V);
}

/** So many rows stay in the first cache while their Gram matrix is added up. */
const GRAM_ROWS: i32 = 64;

/**
 * Writes the Gram matrix of rows from .. to - 1 (the sum of each row's products with itself). Only
 * its upper triangle is meant.
 */
export function gram(rows: usize, from: i32, to: i32, stride: i32, into: usize): void {
  const row = bytes(stride);
  memory.fill(into, 0, <usize>stride * row);
  for (let r = from; r < to; r += GRAM_ROWS) {
    const some = rows + <usize>r * row;
    for (let i = 0; i < stride; i += 4)
      for (let j = i & ~7; j < stride; j += 8)
        addTile<f32>(
          at(some, i),
          row,
          4,
          at(some, j),
          row,
          min(GRAM_ROWS, to - r),
          at(into + <usize>i * row, j),
          row,
        );
  }
}

/**
 * Cholesky's decomposition of a symmetric matrix of f64, in place: A = U'U. Of the square, stored
 * by rows, only the upper triangle is meant. `stride` is a multiple of 4, and there are as many
 * rows. Returns the first row whose pivot is not positive, where it stops; `size` if there is none.
 */
export function decompose(matrix: usize, size: i32, stride: i32): i32 {
  const row = (<usize>stride) << 3;
  const width = (<usize>size) << 3;
  for (let i = 0; i < size; i += 4) {
    const panel = matrix + <usize>i * row;
    const a = matrix + ((<usize>i) << 3);
    for (let j = i; j < size; j += 4) {
      const b = (<usize>j) << 3;
      addTile<f64>(a, row, 8, matrix + b, row, i, panel + b, row, true);
    }
    for (let r = i; r < min(i + 4, size); r++) {
      const pivot = eliminate(panel, r - i, r, row, width);
      if (!(pivot > 0)) return r;
      const x = panel + <usize>(r - i) * row;
      const inverse = f64x2.splat(1 / sqrt(pivot));
      for (let c = (<usize>(r & ~1)) << 3; c < width; c += V)
        v128.store(x + c, f64x2.mul(v128.load(x + c), inverse));
    }
  }
  return size;
}

/** Subtracts the rows of a panel before its k-th, which is row r, from that one. Its pivot. */
function eliminate(panel: usize, k: i32, r: i32, row: usize, width: usize): f64 {
  const own = (<usize>r) << 3;
  const x = panel + <usize>k * row;
  for (let y = panel; y < x; y += row) {
    const factor = v128.load64_splat(y + own);
    for (let c = (<usize>(r & ~1)) << 3; c < width; c += V)
      v128.store(x + c, f64x2.sub(v128.load(x + c), f64x2.mul(factor, v128.load(y + c))));
  }
  return load<f64>(x + own);
}

/** Multiplies rows from .. to - 1 by a square matrix, in place. `scratch` has room for 4 rows. */
export function rotate(rows: usize, from: i32, to: i32, stride: i32, by: usize, scratch: usize): void {
  const row = bytes(stride);
  for (let r = from; r < to; r += 4) {
    const first = rows + <usize>r * row;
    const some = min(4, to - r);
    memory.fill(scratch, 0, 4 * row);
    if (some == 4) {
      for (let j = 0; j < stride; j += 8)
        addTile<f32>(first, 4, row, at(by, j), row, stride, at(scratch, j), row);
    } else {
      for (let k = 0; k < some; k++)
        for (let j = 0; j < stride; j += 8)
          addRow(first + <usize>k * row, by, j, stride, scratch + <usize>k * row);
    }
    memory.copy(first, scratch, <usize>some * row);
  }
}

/** Eight columns of one row times a matrix. */
function addRow(x: usize, by: usize, j: i32, stride: i32, into: usize): void {
  let low = f32x4.splat(0);
  let high = low;
  for (let k = 0; k < stride; k++) {
    const v = v128.load32_splat(at(x, k));
    const b = at(by + <usize>k * bytes(stride), j);
    low = madd(v, v128.load(b), low);
    high = madd(v, v128.load(b, V), high);
  }
  v128.store(at(into, j), low);
  v128.store(at(into, j), high, V);
}

/** into[r - from] = x . row r, for rows from .. to - 1. */
export function score(x: usize, rows: usize, from: i32, to: i32, stride: i32, into: usize): void {
  const row = bytes(stride);
  let r = from;
  for (; r + 4 <= to; r += 4) {
    const y = rows + <usize>r * row;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let k: usize = 0; k < row; k += V) {
      const v = v128.load(x + k);
      s0 = madd(v128.load(y + k), v, s0);
      s1 = madd(v128.load(y + row + k), v, s1);
      s2 = madd(v128.load(y + 2 * row + k), v, s2);
      s3 = madd(v128.load(y + 3 * row + k), v, s3);
    }
    v128.store(at(into, r - from), sums(s0, s1, s2, s3));
  }
  for (; r < to; r++) store<f32>(at(into, r - from), dot(x, rows + <usize>r * row, stride));
}

/**
 * One pass over a row's entries. Adds k_e y_e to `into` for each entry e, with p_e = x . y_e:
 * k_e = weight_e p_e; or for the residual at x, k_e = weight_e + unobserved - weight_e p_e.
 * Four entries at a time: then `into` is read and written a quarter as often.
 */
function addEntries(
  x: usize,
  columns: usize,
  weights: usize,
  count: i32,
  stride: i32,
  unobserved: f32,
  isResidual: bool,
  fixed: usize,
  into: usize,
): void {
  const row = bytes(stride);
  let e = 0;
  for (; e + 4 <= count; e += 4) {
    const four = at(columns, e);
    const y0 = fixed + <usize>load<i32>(four) * row;
    const y1 = fixed + <usize>load<i32>(four, 4) * row;
    const y2 = fixed + <usize>load<i32>(four, 8) * row;
    const y3 = fixed + <usize>load<i32>(four, 12) * row;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let k: usize = 0; k < row; k += V) {
      const v = v128.load(x + k);
      s0 = madd(v128.load(y0 + k), v, s0);
      s1 = madd(v128.load(y1 + k), v, s1);
      s2 = madd(v128.load(y2 + k), v, s2);
      s3 = madd(v128.load(y3 + k), v, s3);
    }
    const w = v128.load(at(weights, e));
    let c = f32x4.mul(w, sums(s0, s1, s2, s3));
    if (isResidual) c = f32x4.sub(f32x4.add(w, f32x4.splat(unobserved)), c);
    const c0 = f32x4.splat(f32x4.extract_lane(c, 0));
    const c1 = f32x4.splat(f32x4.extract_lane(c, 1));
    const c2 = f32x4.splat(f32x4.extract_lane(c, 2));
    const c3 = f32x4.splat(f32x4.extract_lane(c, 3));
    for (let k: usize = 0; k < row; k += V) {
      let q = v128.load(into + k);
      q = madd(c0, v128.load(y0 + k), q);
      q = madd(c1, v128.load(y1 + k), q);
      q = madd(c2, v128.load(y2 + k), q);
      q = madd(c3, v128.load(y3 + k), q);
      v128.store(into + k, q);
    }
  }
  for (; e < count; e++) {
    const y = fixed + <usize>load<i32>(at(columns, e)) * row;
    const w = load<f32>(at(weights, e));
    const c = w * dot(x, y, stride);
    const v = f32x4.splat(isResidual ? w + unobserved - c : c);
    for (let k: usize = 0; k < row; k += V)
      v128.store(into + k, madd(v, v128.load(y + k), v128.load(into + k)));
  }
}

/**
 * Improves rows from .. to - 1 of one side while the other side is fixed. Each row x solves
 *
 *     (diagonal + regularization + sum of weight_e y_e y_e') x = sum of (weight_e + unobserved) y_e
 *
 * by conjugate gradients from where it stands, at most `steps` of them, until the squared residual
 * is `tolerance` times the first. The fixed side lies in the basis in which `unobserved` times its
 * Gram matrix is `diagonal`. So the dense part of the system costs nothing, and is also the
 * preconditioner: a row of n entries is solved in n + 1 steps. `scratch` has room for 5 rows.
 */
export function solve(
  rowStart: usize,
  column: usize,
  weight: usize,
  regularization: usize,
  from: i32,
  to: i32,
  stride: i32,
  diagonal: usize,
  unobserved: f32,
  fixed: usize,
  solved: usize,
  steps: i32,
  tolerance: f32,
  scratch: usize,
): void {
  const row = bytes(stride);
  const d = scratch;
  const inverse = d + row;
  const r = inverse + row;
  const p = r + row;
  const q = p + row;
  const one = f32x4.splat(1);
  for (let u = from; u < to; u++) {
    const start = load<i32>(at(rowStart, u));
    const count = load<i32>(at(rowStart, u + 1)) - start;
    const x = solved + <usize>u * row;
    const columns = at(column, start);
    const weights = at(weight, start);
    if (count == 0) {
      memory.fill(x, 0, row);
      continue;
    }
    const lambda = f32x4.splat(load<f32>(at(regularization, u)));
    for (let k: usize = 0; k < row; k += V) {
      const v = f32x4.add(v128.load(diagonal + k), lambda);
      v128.store(d + k, v);
      v128.store(inverse + k, f32x4.div(one, v));
      v128.store(r + k, f32x4.neg(f32x4.mul(v, v128.load(x + k))));
    }
    addEntries(x, columns, weights, count, stride, unobserved, true, fixed, r);
    let s = f32x4.splat(0);
    for (let k: usize = 0; k < row; k += V) {
      const v = v128.load(r + k);
      const z = f32x4.mul(v, v128.load(inverse + k));
      v128.store(p + k, z);
      s = madd(v, z, s);
    }
    let rest = sum(s);
    const enough = rest * tolerance;
    for (let step = 0; step < steps && rest > enough; step++) {
      for (let k: usize = 0; k < row; k += V)
        v128.store(q + k, f32x4.mul(v128.load(d + k), v128.load(p + k)));
      addEntries(p, columns, weights, count, stride, unobserved, false, fixed, q);
      const a = rest / dot(p, q, stride);
      const plus = f32x4.splat(a);
      const minus = f32x4.splat(-a);
      s = f32x4.splat(0);
      for (let k: usize = 0; k < row; k += V) {
        v128.store(x + k, madd(plus, v128.load(p + k), v128.load(x + k)));
        const v = madd(minus, v128.load(q + k), v128.load(r + k));
        v128.store(r + k, v);
        s = madd(f32x4.mul(v, v), v128.load(inverse + k), s);
      }
      const next = sum(s);
      const b = f32x4.splat(next / rest);
      rest = next;
      for (let k: usize = 0; k < row; k += V)
        v128.store(p + k, madd(b, v128.load(p + k), f32x4.mul(v128.load(r + k), v128.load(inverse + k))));
    }
  }
}

/**
 * The part of the loss that rows from .. to - 1 have by themselves: over their entries, the sum of
 * (weight + unobserved) (1 - p)^2 - unobserved p^2; and regularization |x|^2.
 */
export function loss(
  rowStart: usize,
  column: usize,
  weight: usize,
  regularization: usize,
  from: i32,
  to: i32,
  stride: i32,
  unobserved: f32,
  fixed: usize,
  solved: usize,
): f64 {
  const row = bytes(stride);
  let total: f64 = 0;
  for (let u = from; u < to; u++) {
    const x = solved + <usize>u * row;
    const end = load<i32>(at(rowStart, u + 1));
    for (let e = load<i32>(at(rowStart, u)); e < end; e++) {
      const p = <f64>dot(x, fixed + <usize>load<i32>(at(column, e)) * row, stride);
      const w = <f64>load<f32>(at(weight, e));
      total += (w + <f64>unobserved) * (1 - p) * (1 - p) - <f64>unobserved * p * p;
    }
    total += <f64>load<f32>(at(regularization, u)) * <f64>dot(x, x, stride);
  }
  return total;
}
