import { UsageError } from "../../base/failure.ts";

/** A place in a listing, opaque to whoever carries it. */
export function encodeCursor(place: readonly number[]): string {
  return Buffer.from(place.join(".")).toString("base64url");
}

/** Throws `UsageError` for anything that no listing of this kind gave out. */
export function decodeCursor(cursor: string, length: number): number[] {
  const place = Buffer.from(cursor, "base64url").toString("latin1").split(".").map(Number);
  if (place.length !== length || !place.every(Number.isSafeInteger))
    throw new UsageError("bad_cursor", "The cursor is not one that this listing gave. Start again without a cursor.");
  return place;
}
