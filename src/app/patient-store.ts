import { setTimeout as pause } from "node:timers/promises";
import { StoreError } from "../store/store-error.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";

const RETRY_MS = 500;

/** What is known of the room on the store's disk. */
export interface Room {
  /** The last write was refused for want of room. */
  readonly full: boolean;
}

/**
 * `store`, whose commits wait where the disk is full: a run has done its step, and loses nothing by going on later. Whoever
 * sends an event is told at once, and sends again. Waiting ends with `close`.
 */
export function patientStore(store: SqliteStore): SqliteStore & { room: Room } {
  let full = false;
  let closing = false;
  const noticing = async <T>(write: () => Promise<T>): Promise<T> => {
    try {
      const result = await write();
      full = false;
      return result;
    } catch (error) {
      if (isFull(error)) full = true;
      throw error;
    }
  };
  return {
    ...store,
    room: {
      get full() {
        return full;
      },
    },
    accept: (inputs) => noticing(() => store.accept(inputs)),
    writeProbe: () => noticing(() => store.writeProbe()),
    async commit(input) {
      for (;;) {
        try {
          return await noticing(() => store.commit(input));
        } catch (error) {
          if (!isFull(error) || closing) throw error;
          await pause(RETRY_MS);
        }
      }
    },
    async close() {
      closing = true;
      await store.close();
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.code === "disk_full";
}
