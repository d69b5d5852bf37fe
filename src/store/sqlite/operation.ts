import type { Packer, Unpacker } from "./wire.ts";
import type { Database } from "./database.ts";

/**
 * One operation of a port: how its input crosses to the store thread, what it does there, how its answer comes back.
 * `Parsed` is the input as it arrives; `now` is the store's clock when the operation was asked for, epoch ms.
 */
export interface Operation<Input, Parsed, Output> {
  readonly name: string;
  /** In no transaction: what it does cannot be part of one. */
  readonly alone?: boolean;
  put(packer: Packer, input: Input): void;
  take(unpacker: Unpacker): Parsed;
  run(db: Database, input: Parsed, now: number): Output;
  putResult(packer: Packer, output: Output): void;
  takeResult(unpacker: Unpacker): Output;
}

/** An operation as a thread looks it up by name: the types are matched by whoever wrote the parcel. */
export type AnyOperation = Operation<never, unknown, unknown>;

/** An operation that is too rare to pack by hand: input and output cross as cloned objects. */
export function plain<Input, Output>(
  name: string,
  run: (db: Database, input: Input, now: number) => Output,
): Operation<Input, Input, Output> {
  return {
    name,
    // Cloned here as well, so that what cannot be cloned fails this operation and not the parcel it would travel in.
    put: (packer, input) => packer.cell(structuredClone(input)),
    take: (unpacker) => unpacker.cell() as Input,
    run,
    putResult: (packer, output) => packer.cell(output),
    takeResult: (unpacker) => unpacker.cell() as Output,
  };
}

/** The same, for what SQLite does not do within a transaction. It fails by itself. */
export function alone<Input, Output>(
  name: string,
  run: (db: Database, input: Input, now: number) => Output,
): Operation<Input, Input, Output> {
  return { ...plain(name, run), alone: true };
}
