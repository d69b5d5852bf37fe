import { createHmac, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";

/** The writer thread of the inserts-only loop: everything that has arrived goes into one transaction. */
type Batch = readonly [batch: number, texts: readonly string[]];

const { file } = workerData as { file: string };
const port = parentPort as MessagePort;
const key = randomBytes(32);
const heads = new Map<string, Buffer>();

const db = new DatabaseSync(file);
db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE records (run TEXT, seq INTEGER, body TEXT, chain BLOB)`);
const insert = db.prepare("INSERT INTO records VALUES (?, ?, ?, ?)");

function write([, texts]: Batch): void {
  for (let at = 0; at < texts.length; at += 3) {
    const [run = "", seq = "", body = ""] = texts.slice(at, at + 3);
    const mac = createHmac("sha256", key)
      .update(heads.get(run) ?? run)
      .update(seq)
      .update(body)
      .digest();
    heads.set(run, mac);
    insert.run(run, Number(seq), body, mac);
  }
}

function commit(first: Batch): void {
  db.exec("BEGIN IMMEDIATE");
  const batches = [first];
  write(first);
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const batch = next.message as Batch;
    batches.push(batch);
    write(batch);
  }
  db.exec("COMMIT");
  for (const [done] of batches) port.postMessage(done);
}

port.on("message", commit);
port.postMessage(0);
