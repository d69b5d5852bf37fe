import { createHash } from "node:crypto";

/** A reply beyond this is not an answer; reading on would let one provider exhaust the process. */
export const MAX_REPLY_BYTES: number = 2 * 1024 * 1024;

/** Of a body that cannot be used as a whole, so much is kept. */
const KEPT_BYTES = 64 * 1024;

/** The bytes of one reply as they come: never more than the limit of them, whatever the other side sends. */
export class Received {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #complete = false;
  #tooLarge = false;

  /** Reads to the end, or to the first chunk beyond the limit. Throws where the body breaks off; what came by then stays. */
  async read(body: AsyncIterable<Uint8Array> | null): Promise<void> {
    for await (const chunk of body ?? []) {
      this.#size += chunk.byteLength;
      this.#chunks.push(chunk);
      this.#tooLarge = this.#size > MAX_REPLY_BYTES;
      // Leaving the loop cancels the stream.
      if (this.#tooLarge) return;
    }
    this.#complete = true;
  }

  /** Given up in the middle, because it is larger than an answer may be. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** The body as text, and whether that is what the bytes say: bytes that are not UTF-8 become U+FFFD. */
  text(): { text: string; faithful: boolean } {
    const bytes = Buffer.concat(this.#chunks);
    try {
      return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), faithful: true };
    } catch {
      return { text: decode(bytes), faithful: false };
    }
  }

  /**
   * What goes on record: the body as it came. Of one that is too large, and of a long one of a call that `failed`, the
   * beginning; of one that is not UTF-8 what can be read of it; then a note of what is missing, with a hash of what was read.
   */
  raw(failed: boolean): string {
    const { text, faithful } = this.text();
    const short = this.#tooLarge || (failed && this.#size > KEPT_BYTES);
    if (faithful && !short) return text;
    const bytes = Buffer.concat(this.#chunks);
    const notes = [
      ...(short ? [`the beginning of ${this.#tooLarge ? "more than " : ""}${this.#size} bytes`] : []),
      ...(this.#complete || this.#tooLarge ? [] : ["it broke off"]),
      ...(faithful || this.#tooLarge ? [] : [`of ${this.#size} bytes some are not UTF-8 and stand here as U+FFFD`]),
      `SHA-256 of what was read ${createHash("sha256").update(bytes).digest("hex")}`,
    ];
    return `${short ? beginning(bytes) : text}\n[sluice: ${notes.join("; ")}]`;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Never ends within a word, which may be half of something that has to be hidden. */
function beginning(bytes: Uint8Array): string {
  return decode(bytes.subarray(0, KEPT_BYTES)).replace(/[^\s"]{0,256}$/, "");
}
