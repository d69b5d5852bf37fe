/** `disk_full`: nothing of the operation was stored. `closed`: the store was closed or its thread is gone. */
export type StoreErrorCode = "disk_full" | "unavailable" | "corrupt" | "refused" | "closed";

/** A store could not do what was asked. Nothing of the operation is stored, unless it says that the outcome is unknown. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
