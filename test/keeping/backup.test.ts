import { DatabaseSync } from "node:sqlite";
import { copyFileSync, openSync, readdirSync, renameSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Peer } from "../scenario/peer.ts";
import { KeptProject } from "./kept-project.ts";

async function open(): Promise<{ project: KeptProject; peer: Peer }> {
  const peer = await Peer.start();
  const project = await KeptProject.open({ PEER_URL: peer.url });
  await project.start();
  return { project, peer };
}

const files = (project: KeptProject): string[] => readdirSync(project.dir).filter((name) => name.includes("b.db"));

describe("a backup", { timeout: 60_000 }, () => {
  test("is made while the server runs and while none does, whole, for its owner only, and says what it is", async () => {
    const { project } = await open();
    const runId = await project.send();
    await project.review(runId);
    const made = await project.sluice("backup", "b.db");
    expect(made).toMatchObject({ code: 0, err: "" });
    expect(made.out).toMatch(
      /b\.db: \d+\.\d MB, 1 runs, 1 of them not ended\.\nAudit chain: no link yet\.\nThe key is not in it/,
    );
    expect(statSync(join(project.dir, "b.db")).mode & 0o777).toBe(0o600);
    const again = await project.sluice("backup", "b.db");
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("exists already") as string });
    await project.kill();
    const offline = await project.sluice("backup", "b.db.2", "--json");
    expect(JSON.parse(offline.out)).toMatchObject({ runs: 1, unfinished: 1, audit_head: null });
    expect(files(project)).toEqual(["b.db", "b.db.2"]);
    expect(readdirSync(project.dataDir).filter((name) => name.startsWith("backup"))).toEqual([]);
  });

  test("of nothing, of an unknown folder, into one that is not there: said, and nothing is left", async () => {
    const { project } = await open();
    expect(await project.sluice("backup", "no/such/b.db")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no such folder") as string,
    });
    expect(await project.sluice("backup", "b.db", "--data", "elsewhere")).toMatchObject({
      code: 2,
      err: expect.stringContaining("nothing to back up") as string,
    });
    expect(files(project)).toEqual([]);
    expect(project.has("elsewhere")).toBe(false);
  });

  test("is for admins", async () => {
    const { project } = await open();
    const { body } = await project.api("POST", "/v1/tokens", { name: "op", role: "operator" });
    const refused = await project.sluice("backup", "b.db", "--url", project.url, "--token", body["secret"] as string);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("role admin") as string });
    expect(files(project)).toEqual([]);
  });

  test("that is interrupted leaves nothing", async () => {
    const { project } = await open();
    await project.send();
    const { signal, ended } = project.begin("backup", "b.db");
    await project.eventually("a draft", async () => (files(project).length > 0 ? true : undefined));
    signal("SIGINT");
    await ended;
    expect(files(project).filter((name) => name !== "b.db")).toEqual([]);
  });
});

describe("a restore", () => {
  test(
    "brings runs back without doing again what happened after the backup, killed in the middle",
    { timeout: 60_000 },
    async () => {
      const { project, peer } = await open();
      const runId = await project.send();
      await project.review(runId);
      expect(await project.sluice("backup", "b.db")).toMatchObject({ code: 0 });

      await project.approve(runId);
      expect(await project.review(runId)).toMatchObject({ step: "after" });
      expect(["/keyed", "/looked", "/blind"].map((path) => peer.count(path))).toEqual([1, 1, 1]);
      await project.kill();

      const inTheWay = await project.sluice("restore", "b.db");
      expect(inTheWay).toMatchObject({ code: 2, err: expect.stringContaining("move it away first: mv ") as string });
      renameSync(project.dataDir, `${project.dataDir}.before`);
      const restored = await project.sluice("restore", "b.db");
      expect(restored).toMatchObject({ code: 0, err: "" });
      expect(restored.out).toContain("every chain holds");
      expect(restored.out).toContain("On hold: notes.");

      peer.next({ status: 200, body: { ok: true } }, { status: 200, body: { done: true } });
      await project.start();
      expect(await project.run(runId)).toMatchObject({ restored_at: expect.any(String) as string });
      await project.approve(runId);
      expect(await project.sluice("workflow", "resume", "notes", "--reason", "looked at")).toMatchObject({ code: 0 });
      const asked = await project.review(runId);
      expect(asked.step).toBe("@review:blind");
      expect(["/keyed", "/looked", "/blind"].map((path) => peer.count(path))).toEqual([2, 1, 1]);
      expect(new Set(peer.received.filter(({ path }) => path === "/keyed").map(({ key }) => key)).size).toBe(1);

      await project.kill();
      await project.start();
      await project.approve(runId);
      expect((await project.review(runId)).step).toBe("after");
      expect(peer.count("/blind")).toBe(2);
      await project.approve(runId);
      await project.status(runId, "completed");
      expect((await project.sluice("audit", "verify")).code).toBe(0);
    },
  );

  test("lets everything go on where nothing ran since, as after any stop", { timeout: 60_000 }, async () => {
    const { project, peer } = await open();
    const runId = await project.send();
    await project.review(runId);
    await project.kill();
    expect(await project.sluice("backup", "b.db")).toMatchObject({ code: 0 });
    renameSync(project.dataDir, `${project.dataDir}.before`);
    expect(await project.sluice("restore", "b.db", "--nothing-ran-since", "--json")).toMatchObject({ code: 0 });
    await project.start();
    await project.approve(runId);
    expect((await project.review(runId)).step).toBe("after");
    expect(["/keyed", "/looked", "/blind", "/looked-up"].map((path) => peer.count(path))).toEqual([1, 1, 1, 0]);
  });

  test(
    "refuses what is no backup, is newer, damaged or changed, or of another key; and leaves nothing",
    { timeout: 60_000 },
    async () => {
      const { project } = await open();
      const runId = await project.send();
      await project.review(runId);
      await project.sluice("backup", "b.db");
      await project.kill();
      const at = (name: string) => join(project.dir, name);
      const copy = (name: string, sql: string): void => {
        copyFileSync(at("b.db"), at(name));
        const db = new DatabaseSync(at(name));
        db.exec(sql);
        db.close();
      };
      const refused = async (file: string, ...more: string[]) => {
        const { code, err } = await project.sluice("restore", file, "--data", "fresh", ...more);
        expect(code).toBe(2);
        expect(readdirSync(project.dir).filter((name) => name.startsWith("fresh"))).toEqual([]);
        return err;
      };
      writeFileSync(at("text.db"), "no database");
      copyFileSync(join(project.dataDir, "sluice.db"), at("live.db"));
      copy("newer.db", "PRAGMA user_version = 999");
      copy("changed.db", "UPDATE records SET name = 'other' WHERE seq = 1");
      copy("other.db", "PRAGMA application_id = 7");
      copyFileSync(at("b.db"), at("torn.db"));
      const torn = openSync(at("torn.db"), "r+");
      writeSync(torn, Buffer.alloc(statSync(at("torn.db")).size / 2, 7), 0, undefined, 8_192 * 3);
      expect(await refused("none.db")).toContain("is no backup");
      expect(await refused("text.db")).toContain("is no backup");
      expect(await refused("other.db")).toContain("is no backup");
      expect(await refused("live.db")).toContain("sluice backup");
      expect(await refused("newer.db")).toMatch(/newer\.db was written by a newer Sluice/);
      expect(await refused("changed.db")).toContain("record 1 was changed");
      expect(await refused("torn.db")).toContain("is damaged");
      project.env["SLUICE_KEY"] = Buffer.alloc(32, 1).toString("base64");
      expect(await refused("b.db")).toMatch(/b\.db was made with another key/);
      delete project.env["SLUICE_KEY"];
      expect(await refused("b.db")).toContain("There is no key");
    },
  );
});
