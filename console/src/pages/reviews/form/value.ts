import type { Json } from "../../../api/schema.gen.ts";

/** A place in a value: names and indices from the root on. */
export type Path = readonly (string | number)[];

/** A value of which parts may be missing still, as while somebody fills it in. */
export type Draft = Json | undefined;

export function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 6901. */
export function pointerOf(path: Path): string {
  return path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function valueAt(value: Draft, path: Path): Draft {
  let found: Draft = value;
  for (const name of path) {
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** The value with another one at `path`; undefined takes a member or an item away. What is missing on the way is made. */
export function withValueAt(value: Draft, path: Path, next: Draft): Draft {
  const [name, ...rest] = path;
  if (name === undefined) return next;
  if (typeof name === "number") {
    const items = Array.isArray(value) ? [...value] : [];
    const item = withValueAt(items[name], rest, next);
    if (item === undefined) items.splice(name, 1);
    else items[name] = item;
    return items;
  }
  const members = isObject(value) ? { ...value } : {};
  const member = withValueAt(members[name], rest, next);
  if (member === undefined) delete members[name];
  else members[name] = member;
  return members;
}

/** The same as JSON, whatever the order of members. */
export function isSame(a: Draft, b: Draft): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

export interface Change {
  path: Path;
  before: Draft;
  after: Draft;
}

/** What differs, at the deepest places that tell it: lists of other lengths as a whole. */
export function changesOf(before: Draft, after: Draft, path: Path = []): Change[] {
  if (isSame(before, after)) return [];
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      changesOf(valueAt(before, [name]), valueAt(after, [name]), [...path, name]),
    );
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, index) => changesOf(item, after[index], [...path, index]));
  return [{ path, before, after }];
}
