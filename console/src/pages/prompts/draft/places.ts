/** A mistake at a place of a prompt, by JSON pointer. */
export interface Mistake {
  pointer: string;
  message: string;
}

/** The mistakes at or below `pointer`. */
export function at(mistakes: readonly Mistake[], pointer: string): Mistake[] {
  return mistakes.filter(({ pointer: place }) => place === pointer || place.startsWith(`${pointer}/`));
}

/** Those that none of `pointers` has. */
export function elsewhere(mistakes: readonly Mistake[], pointers: readonly string[]): Mistake[] {
  return mistakes.filter((each) => !pointers.some((pointer) => at([each], pointer).length > 0));
}

/**
 * Line (from 1) of the value that `pointer` leads to in `text`, which is JSON; null where it leads nowhere. Of a value that
 * is missing, the line of what it is missing from is the caller's to ask for.
 */
export function lineOf(text: string, pointer: string): number | null {
  const wanted = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = new Reader(text).find(wanted);
  return found === null ? null : text.slice(0, found).split("\n").length;
}

/** Goes through JSON text that has been parsed before, keeping count of places. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the value begins; the reader stands behind it unless it was found. */
  find(path: readonly string[]): number | null {
    this.#space();
    const [name, ...rest] = path;
    if (name === undefined) return this.#at;
    const open = this.#text[this.#at];
    if (open !== "{" && open !== "[") return null;
    this.#at += 1;
    for (let index = 0; ; index += 1) {
      this.#space();
      if (this.#at >= this.#text.length || "]}".includes(this.#text[this.#at] ?? "]")) return null;
      const key = open === "{" ? this.#key() : String(index);
      if (key === name) return this.find(rest);
      this.#skip();
      this.#space();
      if (this.#text[this.#at] === ",") this.#at += 1;
    }
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #key(): string {
    const from = this.#at;
    this.#string();
    const key = JSON.parse(this.#text.slice(from, this.#at)) as string;
    this.#space();
    this.#at += 1;
    return key;
  }

  #string(): void {
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at += 1;
  }

  /** Over one whole value. */
  #skip(): void {
    this.#space();
    let depth = 0;
    do {
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '"') {
        this.#string();
        continue;
      }
      if (depth === 0 && ",]}".includes(character)) return;
      if ("{[".includes(character)) depth += 1;
      if ("}]".includes(character)) depth -= 1;
      this.#at += 1;
    } while (depth > 0 || !/[,\]}]/.test(this.#text[this.#at] ?? ","));
  }
}
