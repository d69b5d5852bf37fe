/** A model's answer as JSON, where it can be read as that: also out of a code fence or from between words. */
export function readAnswer(text: string): { value: unknown } | null {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(text)?.[1];
  const [open, close] = [text.search(/[{[]/), Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"))];
  const inner = open >= 0 && close > open ? text.slice(open, close + 1) : undefined;
  for (const each of [text, fenced, inner]) {
    const value = each === undefined ? undefined : parsed(each);
    if (value !== undefined) return { value };
  }
  return null;
}

/** Undefined where the text is no object or list: a number or a word alone is shown as the text it is. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Any value as text to compare or copy: a text as it is, else indented JSON. */
export function asText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  const read = readAnswer(value);
  return read === null ? value : JSON.stringify(read.value, null, 2);
}

/** The pointer itself where `value` has that place, else the nearest one around it that it has. */
export function nearestPlace(value: unknown, pointer: string): string {
  let at = value;
  let place = "";
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return place;
    at = (at as Record<string, unknown>)[name];
    place += `/${part}`;
  }
  return place;
}
