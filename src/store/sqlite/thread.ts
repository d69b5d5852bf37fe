import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { UsageError } from "../../base/failure.ts";
import { checkKey, checkReadable, migrate } from "./migrate.ts";
import { Database, databaseFile, openForReading, openForWriting } from "./database.ts";
import { runGroup, runReads, type Call, type Outcome } from "./group.ts";
import { lockFolder } from "./lock.ts";
import type { AnyOperation } from "./operation.ts";
import { READS, WRITES } from "./operations.ts";
import { UNFINISHED } from "./snapshot.ts";
import { CLOSE, type Greeting, type ThreadData, type WriterPoint, type WriterProbe } from "./thread-protocol.ts";
import { Packer, Unpacker, type Parcel } from "./wire.ts";

/** At most so many parcels make one transaction, so that nobody waits for a group without end. */
const MAX_PARCELS = 256;

function main(port: MessagePort, data: ThreadData): void {
  port.once("message", (message: string) => {
    if (message === CLOSE) port.close();
    else void open(port, data);
  });
}

async function open(port: MessagePort, data: ThreadData): Promise<void> {
  try {
    const probe = await loadProbe(data.probe);
    if (data.role === "writer") {
      const opened = probed(openWriter(data), probe);
      serve(port, WRITES, whileThere(databaseFile(data.dataDir), runGroup), opened);
    } else serve(port, READS, runReads, openReader(data));
    port.postMessage({ ready: true } satisfies Greeting);
  } catch (error) {
    port.postMessage(refusal(error));
    port.close();
  }
}

type Reach = (point: WriterPoint) => void;

async function loadProbe(probe: WriterProbe | undefined): Promise<Reach | null> {
  if (probe === undefined) return null;
  const module = (await import(probe.module)) as { probe: (data: string) => Reach };
  return module.probe(probe.data);
}

/** Tests stop the process on either side of COMMIT. Without a probe the connection is left as it is. */
function probed(opened: Opened, reach: Reach | null): Opened {
  if (reach === null) return opened;
  const { db } = opened;
  const commit = db.commit.bind(db);
  db.commit = () => {
    reach("group_executed");
    commit();
    reach("group_committed");
  };
  return opened;
}

interface Opened {
  db: Database;
  close(): void;
}

/** Answers parcels, in order, until it is told to close. */
function serve(
  port: MessagePort,
  operations: ReadonlyMap<string, AnyOperation>,
  execute: (db: Database, calls: readonly Call[]) => Outcome[],
  { db, close }: Opened,
): void {
  port.on("message", (first: Parcel | typeof CLOSE) => {
    const { parcels, closing } = drain(port, first);
    if (parcels.length > 0) {
      const reply = perform(db, operations, execute, parcels);
      port.postMessage(reply, [reply.bytes.buffer]);
    }
    if (!closing) return;
    close();
    port.close();
  });
}

type Execute = (db: Database, calls: readonly Call[]) => Outcome[];

/**
 * What is written to a file without a name is gone with the process: while the folder is not where it was, nothing is
 * taken. A look at the name costs a few microseconds a group.
 */
function whileThere(file: string, execute: Execute): Execute {
  const { ino } = statSync(file);
  return (db, calls) => {
    if (statSync(file, { throwIfNoEntry: false })?.ino === ino) return execute(db, calls);
    const message = `${file} is not there any more, or is another one: the data folder was moved or removed while it is in use. Put it back, or stop the server; nothing of this was stored.`;
    return calls.map(() => ({ ok: false, error: { kind: "store", code: "unavailable", message } }));
  };
}

function openWriter({ dataDir, chainKey, now }: ThreadData): Opened {
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError("no_data_folder", `${dataDir} is a file. Name a folder for the data.`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dataDir, now);
  for (const name of readdirSync(dataDir)) if (name.startsWith(UNFINISHED)) rmSync(join(dataDir, name));
  let handle: DatabaseSync | undefined;
  const close = (): void => {
    handle?.close();
    lock.release();
  };
  try {
    const file = databaseFile(dataDir);
    handle = openForWriting(file);
    migrate(handle, file);
    checkKey(handle, chainKey, file);
    return { db: new Database(handle, chainKey), close };
  } catch (error) {
    close();
    throw error;
  }
}

function openReader({ dataDir, chainKey, role }: ThreadData): Opened {
  const file = databaseFile(dataDir);
  const handle = openForReading(file);
  if (role === "guest") checkReadable(handle, chainKey, file);
  return { db: new Database(handle, chainKey), close: () => handle.close() };
}

/** Everything that has arrived by now. */
function drain(port: MessagePort, first: Parcel | typeof CLOSE): { parcels: Parcel[]; closing: boolean } {
  const parcels: Parcel[] = [];
  let message: Parcel | typeof CLOSE | undefined = first;
  while (message !== undefined) {
    if (message === CLOSE) return { parcels, closing: true };
    parcels.push(message);
    if (parcels.length >= MAX_PARCELS) break;
    message = receiveMessageOnPort(port)?.message as Parcel | typeof CLOSE | undefined;
  }
  return { parcels, closing: false };
}

const packer = new Packer();

function perform(
  db: Database,
  operations: ReadonlyMap<string, AnyOperation>,
  execute: (db: Database, calls: readonly Call[]) => Outcome[],
  parcels: readonly Parcel[],
): Parcel {
  const calls = parcels.flatMap((parcel) => unpack(operations, parcel));
  const outcomes = execute(db, calls);
  for (const [at, outcome] of outcomes.entries()) {
    packer.cell(outcome.ok);
    if (outcome.ok) (calls[at] as Call).operation.putResult(packer, outcome.value);
    else packer.cell(outcome.error);
  }
  return packer.seal();
}

function unpack(operations: ReadonlyMap<string, AnyOperation>, parcel: Parcel): Call[] {
  const unpacker = new Unpacker(parcel);
  const calls: Call[] = [];
  while (!unpacker.done) {
    const name = unpacker.text();
    const now = unpacker.number();
    const operation = operations.get(name);
    if (operation === undefined) throw new Error(`This store thread does not do "${name}".`);
    calls.push({ operation, now, input: operation.take(unpacker) });
  }
  return calls;
}

function refusal(error: unknown): Greeting {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError)
    return { ready: false, kind: "usage", code: error.code, status: error.status, message };
  return { ready: false, kind: "store", code: "unavailable", status: 500, message };
}

if (parentPort !== null) main(parentPort, workerData as ThreadData);
