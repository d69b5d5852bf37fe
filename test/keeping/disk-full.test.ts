import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Peer } from "../scenario/peer.ts";
import { KeptProject } from "./kept-project.ts";

const isRoot = process.getuid?.() === 0;

/** The data folder on a file system of its own, of 24 MB. */
async function onSmallDisk(): Promise<{ project: KeptProject; peer: Peer; dataDir: string }> {
  const peer = await Peer.start();
  const project = await KeptProject.open({ PEER_URL: peer.url });
  mkdirSync(project.dataDir);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", project.dataDir]);
  onTestFinished(async () => {
    await project.kill();
    execFileSync("umount", [project.dataDir]);
  });
  await project.start();
  return { project, peer, dataDir: project.dataDir };
}

/** Takes all the room there is, to the last page. */
function fill(dataDir: string): void {
  for (let part = 0; part < 2_000; part++) {
    const { bavail, bsize } = statfsSync(dataDir);
    if (bavail === 0) return;
    const bytes = Math.min(bavail * bsize, 1_048_576);
    try {
      writeFileSync(join(dataDir, `filler-${part}`), Buffer.alloc(bytes));
    } catch {
      return;
    }
  }
}

function empty(dataDir: string): void {
  execFileSync("sh", ["-c", `rm -f ${dataDir}/filler-*`]);
}

describe.skipIf(!isRoot)("a full disk (needs root for a file system of its own)", { timeout: 90_000 }, () => {
  test("refuses events and keeps none of them, runs wait and go on by themselves, and readyz says so", async () => {
    const { project, peer, dataDir } = await onSmallDisk();
    const waiting = await project.send();
    await project.review(waiting);
    const { promise: written, resolve: letGo } = Promise.withResolvers<void>();
    peer.next(async () => {
      await written;
      return { status: 200, body: { ok: true } };
    });
    await project.approve(waiting);
    await project.eventually("the write under way", async () => (peer.count("/keyed") === 1 ? true : undefined));

    fill(dataDir);
    const refused = await project.eventually("a refusal", async () => {
      const answer = await project.api("POST", "/v1/events", {
        ...project.note("note_full"),
        text: "x".repeat(500_000),
      });
      if (answer.status === 503) return answer;
      fill(dataDir);
      return undefined;
    });
    expect(refused.body).toMatchObject({ code: "store_disk_full", status: 503 });
    expect(await project.api("GET", "/readyz")).toMatchObject({ status: 503, body: { ready: false } });
    expect(JSON.stringify((await project.api("GET", "/readyz")).body)).toContain("disk");
    letGo();
    expect(await project.run(waiting)).toMatchObject({ status: "running" });

    empty(dataDir);
    expect((await project.review(waiting)).step).toBe("after");
    expect(["/keyed", "/looked", "/blind"].map((path) => peer.count(path))).toEqual([1, 1, 1]);
    await project.eventually("readiness", async () =>
      (await project.api("GET", "/readyz")).status === 200 ? true : undefined,
    );
    const { body } = await project.api("GET", "/v1/runs?q=note_full");
    const stored = (body["items"] as { event_id: string }[]).filter(({ event_id: id }) => id === "note_full");
    const again = await project.api("POST", "/v1/events", { ...project.note("note_full"), text: "x".repeat(500_000) });
    expect(again.status).toBe(stored.length === 0 ? 202 : 200);
    await project.approve(waiting);
    await project.status(waiting, "completed");
    await project.stop();
    expect((await project.sluice("fsck")).code).toBe(0);
  });

  test("refuses a backup for want of room, and leaves nothing of it", async () => {
    const { project, dataDir } = await onSmallDisk();
    await project.send();
    fill(dataDir);
    rmSync(join(dataDir, "filler-0"), { force: true });
    const { bavail, bsize } = statfsSync(dataDir);
    writeFileSync(join(dataDir, "filler-0"), Buffer.alloc(Math.max(0, bavail * bsize - 400_000)));
    const made = await project.sluice("backup", "b.db");
    expect(made).toMatchObject({ code: 1, err: expect.stringContaining("Free some space") as string });
    expect(project.has("b.db")).toBe(false);
  });
});
