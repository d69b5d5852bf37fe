import { isoTime } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { RunChanges } from "../app/change-feed.ts";
import { MAX_NAMED } from "../app/change-feed.ts";
import type { Caller, Sluice } from "../app/sluice.ts";
import type { Document } from "./documents.ts";

export interface LiveStreamOptions {
  sluice: Pick<Sluice, "watch" | "stillGood" | "onRevoked">;
  caller: Caller;
  clock: Clock;
  timers: Timers;
  /** Resolves once the other side has taken it. */
  write(event: string, data: Document): Promise<unknown>;
}

const HEARTBEAT_MS = 10_000;

/**
 * What one open console is told: hello, changes, and a heartbeat that looks again whether its caller is still let in.
 * While the other side does not read, changes are put together; one that takes nothing between two heartbeats is given up.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #over = Promise.withResolvers<"over" | "stuck">();
  #woken = Promise.withResolvers<void>();
  #changes: RunChanges | null = null;
  #check = false;
  #beat = false;
  #closed = false;
  #cancel: () => void = () => {};

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  /**
   * Tells until the caller is signed out, `close` is called, or the other side takes nothing any more (`stuck`).
   * Rejects where the store cannot say whether the caller is still let in.
   */
  async run(): Promise<"over" | "stuck"> {
    const { sluice, caller } = this.#options;
    const unwatch = sluice.watch((changes) => {
      this.#changes = together(this.#changes, changes);
      this.#woken.resolve();
    });
    const unlisten = sluice.onRevoked((tokenId) => {
      if (tokenId !== caller.tokenId) return;
      this.#check = true;
      this.#woken.resolve();
    });
    this.#beatLater();
    try {
      return await Promise.race([this.#tell(), this.#over.promise]);
    } finally {
      this.close();
      this.#cancel();
      unwatch();
      unlisten();
    }
  }

  close(): void {
    this.#end("over");
  }

  #end(how: "over" | "stuck"): void {
    this.#closed = true;
    this.#over.resolve(how);
    this.#woken.resolve();
  }

  async #tell(): Promise<"over"> {
    const { sluice, caller, clock, write } = this.#options;
    await write("hello", { server_time: isoTime(clock.now()) });
    while (!this.#closed) {
      if (this.#check) {
        this.#check = false;
        if (!(await sluice.stillGood(caller))) {
          await write("signed_out", {});
          return "over";
        }
      }
      await this.#tellNext();
    }
    return "over";
  }

  async #tellNext(): Promise<void> {
    const { write } = this.#options;
    const changes = this.#changes;
    if (this.#beat) {
      this.#beat = false;
      await write("ping", {});
    } else if (changes !== null) {
      this.#changes = null;
      await write("changes", changesDocument(changes));
    } else {
      await this.#woken.promise;
      this.#woken = Promise.withResolvers();
    }
  }

  #beatLater(): void {
    this.#cancel = this.#options.timers.after(HEARTBEAT_MS, () => {
      // The last one still waits to be taken.
      if (this.#beat) return this.#end("stuck");
      this.#beat = true;
      this.#check = true;
      this.#woken.resolve();
      this.#beatLater();
    });
  }
}

/** Both at once: of a run that changed twice, how it stands now. */
function together(before: RunChanges | null, later: RunChanges): RunChanges {
  if (before === null) return later;
  const runs = [...new Map([...before.runs, ...later.runs].map((run) => [run.runId, run])).values()];
  return {
    runs: runs.slice(-MAX_NAMED),
    more: before.more || later.more || runs.length > MAX_NAMED,
    reviews: before.reviews || later.reviews,
  };
}

function changesDocument({ runs, more, reviews }: RunChanges): Document {
  return {
    runs: runs.map(({ runId, workflow, status }) => ({ run_id: runId, workflow, status })),
    more,
    reviews,
  };
}
