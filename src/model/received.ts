import { createHash } from "node:crypto";
import type { RawReply } from "./port.ts";

/** A reply beyond this is not an answer; reading on would let one provider exhaust the process. */
export const MAX_REPLY_BYTES: number = 2 * 1024 * 1024;

/** Of a body that is not kept as a whole, so many characters are. */
const KEPT = 64 * 1024;

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

  /** What there is for the record: of a call that `failed` less is kept. */
  raw(failed: boolean): RawReply {
    const { text, faithful } = this.text();
    const cut = this.#tooLarge || (failed && this.#size > KEPT);
    if (faithful && !cut) return { raw: text };
    const notes = [
      ...(cut ? [`the beginning of ${this.#tooLarge ? "more than " : ""}${this.#size} bytes`] : []),
      ...(this.#complete || this.#tooLarge ? [] : ["it broke off"]),
      ...(faithful || this.#tooLarge ? [] : [`of ${this.#size} bytes some are not UTF-8 and stand here as U+FFFD`]),
      `SHA-256 of what was read ${createHash("sha256").update(Buffer.concat(this.#chunks)).digest("hex")}`,
    ];
    return { raw: text, rawNote: { cut, text: notes.join("; ") } };
  }
}

/**
 * A reply as it goes on record. What is too long is cut after `hide` has taken out of it what is sensitive: half of a
 * quotation, or of a number, would not be found.
 */
export function recordedRaw({ raw, rawNote }: RawReply, hide: (text: string) => string): string {
  if (rawNote === undefined) return raw;
  return `${rawNote.cut ? beginning(hide(raw)) : raw}\n[sluice: ${rawNote.text}]`;
}

/** Never ends within a word, which may be the token of something hidden. */
function beginning(text: string): string {
  return text
    .slice(0, KEPT)
    .replace(/[^\s"]{0,256}$/, "")
    .toWellFormed();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
