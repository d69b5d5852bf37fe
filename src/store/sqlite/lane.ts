import { Worker } from "node:worker_threads";
import { UsageError } from "../../base/failure.ts";
import { StoreError, type StoreErrorCode } from "../store-error.ts";
import type { WireError } from "./group.ts";
import type { AnyOperation, Operation } from "./operation.ts";
import { CLOSE, type Greeting, type ThreadData } from "./thread-protocol.ts";
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
  #ended: StoreError | null = null;
  readonly #gone: Promise<void>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (parcel: Parcel) => this.#receive(parcel));
    worker.on("error", (error) => this.#end(new StoreError("unavailable", `A store thread died: ${String(error)}`)));
    this.#gone = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#end(new StoreError("closed", "The store is closed."));
        resolve();
      });
    });
    worker.unref();
  }

  /** Starts the thread; rejects with what kept it from opening the database. */
  static async start(data: ThreadData): Promise<Lane> {
    const file = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name: `sluice-${data.role}`,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const greeting = await greetingOf(worker);
    if (!greeting.ready) {
      await worker.terminate();
      if (greeting.kind === "usage") throw new UsageError(greeting.code, greeting.message, { status: greeting.status });
      throw new StoreError("unavailable", greeting.message);
    }
    return new Lane(worker);
  }

  /** Resolves when the operation is done: for a write, when it is on disk. */
  call<Input, Parsed, Output>(operation: Operation<Input, Parsed, Output>, input: Input, now: number): Promise<Output> {
    return new Promise<Output>((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
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
    this.#packed = 0;
    const parcel = this.#packer.seal();
    try {
      this.#worker.postMessage(parcel, [parcel.bytes.buffer]);
    } catch (error) {
      this.#end(new StoreError("unavailable", `An operation could not be sent to the store thread: ${String(error)}`));
      void this.#worker.terminate();
    }
  }

  #receive(parcel: Parcel): void {
    const unpacker = new Unpacker(parcel);
    while (!unpacker.done) {
      const { operation, resolve, reject } = this.#pending[this.#answered++] as Pending;
      if (unpacker.cell() as boolean) resolve(operation.takeResult(unpacker));
      else reject(toError(unpacker.cell() as WireError));
    }
    if (this.#answered === this.#pending.length) this.#worker.unref();
    if (this.#answered === this.#pending.length || this.#answered > 4_096) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
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

function greetingOf(worker: Worker): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => reject(new StoreError("unavailable", "A store thread ended before it was ready."));
    const onError = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
    worker.once("error", onError);
    worker.once("exit", onEnd);
    worker.once("message", (greeting: Greeting) => {
      worker.off("error", onError);
      worker.off("exit", onEnd);
      resolve(greeting);
    });
  });
}

function toError({ kind, code, message }: WireError): Error {
  return kind === "usage" ? new UsageError(code, message) : new StoreError(code as StoreErrorCode, message);
}
