import { DatabaseSync } from "node:sqlite";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeptProject } from "./kept-project.ts";

async function served(): Promise<KeptProject> {
  const project = await KeptProject.open({ PEER_URL: "http://127.0.0.1:9" });
  await project.start();
  return project;
}

describe("a data folder", { timeout: 60_000 }, () => {
  test("that a server uses is refused to a second one, which names the first and since when", async () => {
    const project = await served();
    const { code, err } = await project.sluice("serve", "--port", "0");
    expect(code).toBe(2);
    expect(err).toMatch(/is in use by process \d+, since \d{4}-\d\d-\d\dT.*Speak to that server/s);
    const repair = await project.sluice("fsck", "--repair");
    expect(repair).toMatchObject({ code: 0 });
  });

  test("of a newer schema, of another key, or that is a file is refused in clear words", async () => {
    const project = await served();
    await project.stop();
    const db = new DatabaseSync(join(project.dataDir, "sluice.db"));
    const version = db.prepare("PRAGMA user_version").get()?.["user_version"] as number;
    db.exec("PRAGMA user_version = 999");
    expect(await project.sluice("serve", "--port", "0")).toMatchObject({ code: 2, err: expect.stringMatching(/newer Sluice: its schema is number 999/) as string }); // prettier-ignore
    expect(await project.sluice("fsck")).toMatchObject({
      code: 1,
      out: expect.stringContaining("store_newer") as string,
    });
    db.exec(`PRAGMA user_version = ${version}`);
    db.close();
    project.env["SLUICE_KEY"] = Buffer.alloc(32, 1).toString("base64");
    expect(await project.sluice("serve", "--port", "0")).toMatchObject({ code: 2, err: expect.stringContaining("another key") as string }); // prettier-ignore
    writeFileSync(join(project.dir, "file"), "");
    expect(await project.sluice("serve", "--port", "0", "--data", "file")).toMatchObject({ code: 2, err: expect.stringContaining("is a file") as string }); // prettier-ignore
  });

  test("that nobody serves any more still says what was erased from it, wherever it was moved", async () => {
    const project = await served();
    const runId = await project.send();
    await project.review(runId);
    const erased = await project.sluice("privacy", "erase", "--run", runId, "--cancel", "--reason", "request 4711");
    expect(erased).toMatchObject({ code: 0 });
    await project.kill();
    renameSync(project.dataDir, `${project.dataDir}.before`);
    const { code, out } = await project.sluice("privacy", "list", "--data", `${project.dataDir}.before`);
    expect([code, out]).toEqual([0, expect.stringMatching(/local\s+1\s+request 4711/)]);
  });

  test("that is moved away under a running server takes nothing until it is back, and readyz says so", async () => {
    const project = await served();
    const runId = await project.send();
    await project.review(runId);
    const { url } = project;
    const token = (await project.api("POST", "/v1/tokens", { name: "t", role: "admin" })).body["secret"] as string;
    const post = (id: string) =>
      fetch(`${url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(project.note(id)),
      });
    renameSync(project.dataDir, `${project.dataDir}.away`);
    const refused = await post("note_away");
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "store_unavailable" });
    const probe = await fetch(`${url}/readyz`);
    expect(probe.status).toBe(503);
    expect(await probe.text()).toContain("moved or removed");
    renameSync(`${project.dataDir}.away`, project.dataDir);
    expect((await post("note_away")).status).toBe(202);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});
