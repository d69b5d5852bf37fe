import { Worker } from "node:worker_threads";
import { UsageError } from "../../base/failure.ts";
import { StoreError, type StoreErrorCode } from "../store-error.ts";
import type { WireError } from "./group.ts";
import type { AnyOperation, Operation } from "./operation.ts";
import { CLOSE, OPEN, type Greeting, type ThreadData } from "./thread-protocol.ts";
import { Packer, Unpacker, type Parcel } from "./wire.ts";

interface Pending {
  operation: AnyOperation;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * While a batch is under way, the next one is sent after so many operations rather than at the end of the turn:
 * the thread unpacks and executes while the main thread still makes the rest.
 */
const SEND_EVERY = 8;

const startImmediate = setImmediate;

/** The main side of one store thread: packs operations, sends them in batches, resolves them in order. */
export class Lane {
  readonly #worker: Worker;
  readonly #packer = new Packer();
  /** Sent or packed, oldest first: the thread answers in the order it was asked. */
  #pending: Pending[] = [];
  #answered = 0;
  #packed = 0;
  #scheduled = false;
  /** From then on the thread keeps the process alive until it is gone: somebody waits for that. */
  #closing = false;
  #ended: StoreError | null = null;
  readonly #gone: Promise<void>;

  /** Starts the thread, which loads its code beside whatever this one does next. */
  constructor(data: ThreadData) {
    const file = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name: `sluice-${data.role}`,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#worker.on("error", (error) =>
      this.#end(new StoreError("unavailable", `A store thread died: ${String(error)}`)),
    );
    this.#gone = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#end(new StoreError("closed", "The store is closed."));
        resolve();
      });
    });
  }

  /** Makes the thread open its database. Throws what kept it from that: `UsageError` or `StoreError`. */
  async open(): Promise<void> {
    const greeting = await new Promise<Greeting>((resolve, reject) => {
      this.#worker.once("message", resolve);
      void this.#gone.then(() => reject(this.#ended ?? new StoreError("closed", "The store is closed.")));
      this.#worker.postMessage(OPEN);
    });
    if (greeting.ready) {
      this.#worker.on("message", (parcel: Parcel) => this.#receive(parcel));
      this.#worker.unref();
      return;
    }
    await this.#gone;
    if (greeting.kind === "usage") throw new UsageError(greeting.code, greeting.message, { status: greeting.status });
    throw new StoreError("unavailable", greeting.message);
  }

  /** Resolves when the operation is done: for a write, when it is on disk. */
  call<Input, Parsed, Output>(operation: Operation<Input, Parsed, Output>, input: Input, now: number): Promise<Output> {
    return new Promise<Output>((resolve, reject) => {
      if (this.#ended !== null || this.#closing) {
        reject(this.#ended ?? new StoreError("closed", "The store is closed."));
        return;
      }
      const mark = this.#packer.mark();
      try {
        this.#packer.cell(operation.name);
        this.#packer.cell(now);
        operation.put(this.#packer, input);
      } catch (error) {
        this.#packer.rewind(mark);
        reject(error);
        return;
      }
      if (this.#pending.length === this.#answered) this.#worker.ref();
      this.#pending.push({
        operation,
        resolve: resolve as Pending["resolve"],
        reject,
      });
      this.#packed++;
      this.#schedule();
    });
  }

  /** Ends the thread once all that was asked for is done. */
  async close(): Promise<void> {
    if (this.#ended === null) {
      this.#closing = true;
      this.#send();
      this.#worker.ref();
      this.#worker.postMessage(CLOSE);
    }
    await this.#gone;
  }

  #schedule(): void {
    if (this.#packed >= SEND_EVERY) this.#send();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      startImmediate(() => {
        this.#scheduled = false;
        this.#send();
      });
    }
  }

  #send(): void {
    if (this.#packed === 0 || this.#ended !== null) return;
    const unsent = this.#pending.length - this.#packed;
    this.#packed = 0;
    const parcel = this.#packer.seal();
    try {
      this.#worker.postMessage(parcel, [parcel.bytes.buffer]);
    } catch (error) {
      // Something in it cannot be cloned: nothing of the parcel was sent, and the thread goes on.
      for (const { reject } of this.#pending.splice(unsent)) reject(error as Error);
      this.#rest();
    }
  }

  #receive(parcel: Parcel): void {
    const unpacker = new Unpacker(parcel);
    while (!unpacker.done) {
      const { operation, resolve, reject } = this.#pending[this.#answered++] as Pending;
      if (unpacker.cell() as boolean) resolve(operation.takeResult(unpacker));
      else reject(toError(unpacker.cell() as WireError));
    }
    this.#rest();
    if (this.#answered === this.#pending.length || this.#answered > 4_096) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
  }

  /** A thread with nothing to do does not hold the process. */
  #rest(): void {
    if (this.#answered === this.#pending.length && !this.#closing) this.#worker.unref();
  }

  #end(error: StoreError): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    const left = this.#pending.slice(this.#answered);
    this.#pending = [];
    this.#answered = 0;
    for (const { reject } of left) reject(error);
  }
}

function toError({ kind, code, message }: WireError): Error {
  return kind === "usage" ? new UsageError(code, message) : new StoreError(code as StoreErrorCode, message);
}
