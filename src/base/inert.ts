// ESC sequences: CSI, OSC (ended by BEL or ST), and the other strings and two-character forms. 8-bit forms count too.
const SEQUENCES =
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

// Controls but tab and newline, and the marks that reorder or hide text.
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this replaces
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * Text from events, models and tools made safe to print on a terminal: escape sequences, control characters,
 * and characters that reorder or hide text are gone; lines and tabs stay.
 */
export function inert(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(SEQUENCES, "").replaceAll(INVISIBLE, "");
}

/** The same on one line. */
export function inertLine(text: string): string {
  return inert(text).replaceAll(/\s+/g, " ").trim();
}
