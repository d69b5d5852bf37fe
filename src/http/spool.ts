import { randomBytes } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { HttpProblem } from "./problem.ts";

/**
 * Takes a large body in at the pace of its sender, in flat memory; then it can be worked on for as long as that takes. It lies
 * in a file that has no name any more, so nothing is left of it whatever happens. `folder`: of the data, where nobody else reads.
 * Problems: 413 beyond `limit` bytes, 400 where it breaks off.
 */
export async function spooled(
  body: ReadableStream<Uint8Array> | null,
  folder: string,
  limit: number,
): Promise<AsyncIterable<Uint8Array>> {
  const path = join(folder, `.import-${randomBytes(8).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  try {
    let size = 0;
    for await (const chunk of received(body)) {
      size += chunk.byteLength;
      if (size > limit) throw new HttpProblem({ status: 413, code: "too_large", detail: `The body is larger than ${limit} bytes.`, headers: { connection: "close" } }); // prettier-ignore
      await file.write(chunk);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  return file.createReadStream({ start: 0 });
}

async function* received(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  for (;;) {
    const read = await reader.read().catch(() => {
      throw new HttpProblem({ status: 400, code: "incomplete_body", detail: "The body broke off before its end." });
    });
    if (read.done) return;
    yield read.value;
  }
}
