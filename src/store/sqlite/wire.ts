/**
 * What crosses between threads: one flat array and one block of bytes for a whole batch of operations.
 * Nested objects and many small buffers cost several times as much to clone.
 */
export interface Parcel {
  cells: unknown[];
  bytes: Uint8Array<ArrayBuffer>;
}

const FIRST_BYTES = 16_384;

/** Writes a parcel, value by value; `Unpacker` reads them in the same order. */
export class Packer {
  #cells: unknown[] = [];
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #used = 0;

  /** Text, number, boolean, null or undefined; an object is cloned, which is for what is rare. */
  cell(value: unknown): void {
    this.#cells.push(value);
  }

  bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.#cells.push(-1);
      return;
    }
    this.#cells.push(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#used);
    this.#used += value.length;
  }

  /** A place to go back to when an operation turns out to be unwritable halfway. */
  mark(): { cells: number; bytes: number } {
    return { cells: this.#cells.length, bytes: this.#used };
  }

  rewind(mark: { cells: number; bytes: number }): void {
    this.#cells.length = mark.cells;
    this.#used = mark.bytes;
  }

  /** The parcel so far; the packer starts anew. */
  seal(): Parcel {
    const parcel = { cells: this.#cells, bytes: this.#bytes.slice(0, this.#used) };
    this.#cells = [];
    this.#used = 0;
    return parcel;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** Reads a parcel. Byte values are views into the parcel's block. */
export class Unpacker {
  readonly #cells: readonly unknown[];
  readonly #bytes: Uint8Array;
  #at = 0;
  #offset = 0;

  constructor(parcel: Parcel) {
    this.#cells = parcel.cells;
    this.#bytes = parcel.bytes;
  }

  get done(): boolean {
    return this.#at >= this.#cells.length;
  }

  cell(): unknown {
    return this.#cells[this.#at++];
  }

  text(): string {
    return this.#cells[this.#at++] as string;
  }

  number(): number {
    return this.#cells[this.#at++] as number;
  }

  bytes(): Uint8Array {
    const length = this.#cells[this.#at++] as number;
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  bytesOrNull(): Uint8Array | null {
    if (this.#cells[this.#at] !== -1) return this.bytes();
    this.#at++;
    return null;
  }
}
