/** Characters that act on a screen rather than show: controls, ANSI, direction overrides, joiners that hide, tags. */
const ACTING =
  // Tab and newline are left: they only make room.
  // eslint-disable-next-line no-control-regex -- finding them is what this is for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** A piece of text: as it is, or one character that would act, by its code point. */
export type Piece = { text: string } | { code: string };

/** Splits text so that what would act can be shown by its code instead. */
export function inertPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(ACTING)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ code: codeOf(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The same as one string: `U+202E` in angle marks where the character was. */
export function inert(text: string): string {
  return text.replaceAll(ACTING, (character) => `⟨${codeOf(character)}⟩`);
}

function codeOf(character: string): string {
  if (character === "\u001b") return "ESC";
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
