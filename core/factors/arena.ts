const PAGE = 65_536;
/** WebAssembly addresses 4 GiB. */
export const MOST_BYTES = 65_536 * PAGE;

/** Memory that all threads and kernels share. What was allocated is never given back. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  /** The first page is the kernels' own. */
  #top = PAGE;

  /** @throws RangeError when the system has not got `bytes`, or they are more than 4 GiB. */
  constructor(bytes: number) {
    const pages = 1 + Math.ceil(bytes / PAGE);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }

  /** The offset of so many bytes, zeros, on a cache line of their own. */
  allocate(bytes: number): number {
    const offset = this.#top;
    this.#top += lines(bytes);
    return offset;
  }

  int32(length: number): { offset: number; values: Int32Array } {
    const offset = this.allocate(4 * length);
    return { offset, values: new Int32Array(this.memory.buffer, offset, length) };
  }

  float32(length: number): { offset: number; values: Float32Array } {
    const offset = this.allocate(4 * length);
    return { offset, values: new Float32Array(this.memory.buffer, offset, length) };
  }
}

/** Bytes, rounded up to cache lines: what `allocate` takes. */
export const lines = (bytes: number) => Math.ceil(bytes / 64) * 64;
