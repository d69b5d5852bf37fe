import { type FileHandle, open, readFile } from "node:fs/promises";

export type EffectKind = "escalation" | "reply";
/** `created`: the effect took place. `repeated`: known key, same body. `conflict`: known key, other body. */
export type EffectOutcome = "created" | "repeated" | "conflict";

/** One write request as the desk received it, whether or not its answer reached anybody. */
export interface Effect {
  at: string;
  kind: EffectKind;
  key: string;
  outcome: EffectOutcome;
  id: string;
  ticket_id: string;
  payload: string;
}

export interface EffectCounts {
  /** Write requests received. */
  requests: number;
  /** Effects that took place: one per idempotency key. */
  distinct: number;
  repeated: number;
  conflicts: number;
}

/**
 * Append-only JSONL of every write request. `append` resolves once the line is on disk, so that the counts survive a kill
 * of the desk as well as of its callers, and can be compared by anybody who reads the file.
 */
export class EffectLog {
  /** In the order received. */
  readonly effects: Effect[] = [];
  readonly #created = new Map<string, Effect>();
  readonly #counts = { escalation: noEffects(), reply: noEffects() };
  readonly #file: FileHandle | null;
  #waiting: { line: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(effects: Effect[], file: FileHandle | null) {
    this.#file = file;
    for (const effect of effects) this.#note(effect);
  }

  /** Without a path the effects are kept in memory only. A torn last line, left by a kill, is cut off. */
  static async open(path?: string): Promise<EffectLog> {
    if (path === undefined) return new EffectLog([], null);
    const file = await open(path, "a+");
    const text = await readFile(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
    const lines = whole.split("\n").filter((line) => line !== "");
    return new EffectLog(
      lines.map((line) => JSON.parse(line) as Effect),
      file,
    );
  }

  /** The effect that took place under this key. */
  created(kind: EffectKind, key: string): Effect | undefined {
    return this.#created.get(`${kind} ${key}`);
  }

  async append(effect: Effect): Promise<void> {
    this.#note(effect);
    const file = this.#file;
    if (file === null) return;
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(effect)}\n`, done, failed });
      if (this.#waiting.length === 1) this.#writing = this.#writing.then(() => this.#drain(file));
    });
  }

  /** All that came in while the disk was busy goes down with one fsync. */
  async #drain(file: FileHandle): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await file.appendFile(batch.map(({ line }) => line).join(""));
      await file.sync();
      for (const { done } of batch) done();
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }

  counts(kind: EffectKind): EffectCounts {
    return { ...this.#counts[kind] };
  }

  #note(effect: Effect): void {
    const { kind, key, outcome } = effect;
    this.effects.push(effect);
    if (outcome === "created") this.#created.set(`${kind} ${key}`, effect);
    const counts = this.#counts[kind];
    counts.requests++;
    if (outcome === "created") counts.distinct++;
    else if (outcome === "repeated") counts.repeated++;
    else counts.conflicts++;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
  }
}

function noEffects(): EffectCounts {
  return { requests: 0, distinct: 0, repeated: 0, conflicts: 0 };
}
