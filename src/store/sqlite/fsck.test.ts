import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frozenClock } from "../../testing/frozen-clock.ts";
import { digest, World } from "../../testing/store-conformance/world.ts";
import { auditLink, CHAIN_START } from "../../journal/chain.ts";
import { databaseFile, openForReading, openForWriting } from "./database.ts";
import { examine, repairDerived } from "./fsck.ts";
import { RULES } from "./fsck-rules.ts";
import { defineWords } from "./migrate.ts";
import { openSqliteStore } from "./open.ts";

const CHAIN_KEY = digest("chain key");
const folder = mkdtempSync(join(tmpdir(), "sluice-fsck-"));
const whole = join(folder, "whole");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A store with a run in every state, reviews, texts, facets, words, links, holds, tombstones and kept events. */
beforeAll(async () => {
  const clock = frozenClock();
  const store = await openSqliteStore({ dataDir: whole, chainKey: CHAIN_KEY, clock });
  const world = new World(store, clock, CHAIN_KEY);
  const long = "a long text ".repeat(1_000);
  const hash = Buffer.from(digest(long)).toString("hex");
  const texts = { body: '{"output":""}', blobRefs: JSON.stringify({ "/output": hash }), blobs: [{ hash, text: long }] };
  const words = (word: string) =>
    world.sealed("ticket.created", {
      kind: "event",
      type: "trigger",
      vault: digest("vault"),
      body: JSON.stringify({ output: { body: word } }),
    });
  const complete = async (word: string): Promise<string> => {
    const started = await world.start({ record: words(word) });
    const records = [world.sealed("classify", texts), world.sealed("@decision", { kind: "decide", type: "decision" })];
    const facets = ["prompt:classifier", "model:local/in-context"];
    const command = { do: "complete", disposition: "applied" } as const;
    const pins = { release: 1, stage: "partial", body: "{}" };
    await store.commit({ ...started, records, facets, command, decision: '{"said":"kookaburra"}', pins });
    return started.runId;
  };
  await complete("wombat");
  clock.advance(1_000);
  const forgottenBy = clock.now();
  await complete("quokka");
  clock.advance(1_000);
  await complete("zanzibar");
  const dead = await world.start({ record: words("numbat") });
  await world.move(dead, { do: "die", failure: { class: "bug", code: "bug", message: "no", step: null } });
  await store.removeValues({ endedBy: forgottenBy - 1_000, limit: 10 });
  const asked = await world.start();
  const review = world.newReview();
  const question = world.sealed("low confidence", {
    kind: "review",
    type: "review",
    ends: false,
    body: JSON.stringify({ detail: { reviewId: review.reviewId } }),
  });
  const park = { do: "park", wait: "review", wakeAt: null, seenSeq: asked.lastSeq } as const;
  await store.commit({ ...asked, records: [question], reviews: [review], command: park });
  await store.noteRunView(asked.runId, "kim", "looking");
  await store.noteView(review.reviewId, "kim", ["/body"]);
  await world.start();
  await world.submit();
  const draft = await store.beginDataset({ name: "golden", kind: "golden", source: "import", by: "kim" });
  const cases = ["a", "b"].map((id) => ({
    address: digest(id),
    idToken: digest(`id ${id}`),
    sealed: digest(`of ${id}`),
  }));
  await store.addCases(draft, cases);
  await store.publishDataset(draft, "hash");
  await store.pause({ holdId: "hld_1", workflow: world.workflow, by: "kim", reason: "night" });
  let previous: Uint8Array = CHAIN_START;
  const entries = (await store.unauditedHeads(100)).map(({ runId, lastSeq, chain }, at) => {
    const entry = { index: at + 1, runId, lastSeq, head: chain };
    previous = auditLink(CHAIN_KEY, previous, entry);
    return { ...entry, link: previous };
  });
  await store.appendAudit(entries);
  await store.close();
});

let copies = 0;
function copy(): string {
  const dir = join(folder, `copy-${copies++}`);
  cpSync(whole, dir, { recursive: true });
  return dir;
}

function codes(dir: string): string[] {
  const db = openForReading(databaseFile(dir));
  defineWords(db);
  const { problems } = examine(db);
  db.close();
  return problems.map(({ code }) => code);
}

/** By rule: what breaks it, as somebody with an SQL shell would. */
const BREAKS: Readonly<Record<string, string>> = {
  records_missing: "DELETE FROM records WHERE record_no = (SELECT max(record_no) FROM records)",
  records_without_run: "UPDATE records SET run_no = 999 WHERE record_no = 1",
  head_off: "UPDATE runs SET chain = zeroblob(32) WHERE run_no = 2",
  epochs_off: "UPDATE records SET epoch = 9 WHERE record_no = 2",
  event_without_runs: "UPDATE events SET run_count = 2 WHERE first_run = 1",
  run_without_event: "DELETE FROM events WHERE first_run = 1",
  status_off: "UPDATE runs SET ended_at = 1 WHERE status = 'queued'",
  decision_off: "UPDATE records SET kind = 'code' WHERE kind = 'decide' AND run_no = 2",
  outcome_off: "UPDATE run_outcomes SET run_no = 999 WHERE run_no = 2",
  tombstone_off: "UPDATE runs SET values_removed_at = NULL WHERE run_no = 1",
  key_missing: "DELETE FROM run_keys WHERE run_no IN (SELECT run_no FROM runs WHERE status = 'queued')",
  removal_off: "DELETE FROM run_keys WHERE run_no = 2",
  key_without_run: "INSERT INTO run_keys (run_no, wrapped) VALUES (999, x'00')",
  originals_left: "UPDATE records SET vault = x'00' WHERE run_no = 1 AND seq = 1",
  text_missing: "DELETE FROM blobs",
  cases_missing: "DELETE FROM dataset_members WHERE position = 1",
  review_without_run: "UPDATE reviews SET run_id = 'run_other'",
  review_of_ended_run: "UPDATE reviews SET run_no = 2",
  review_off_record: "UPDATE records SET body = '{}' WHERE kind = 'review'",
  waits_for_nobody: "UPDATE reviews SET status = 'answered'",
  view_of_nothing: "UPDATE run_views SET run_no = 999",
  audit_gap: "DELETE FROM audit WHERE entry_no = 1",
  audit_off: "UPDATE audit SET head = zeroblob(32) WHERE entry_no = 2",
  audit_owed: "DELETE FROM audit WHERE entry_no = (SELECT max(entry_no) FROM audit)",
  pins_missing: "DELETE FROM pins",
  release_missing: "INSERT INTO controls (workflow, version, release) VALUES ('gone', 1, 7)",
  proposal_off:
    "INSERT INTO release_proposals (proposal_id, workflow, base, body, by, created_at) VALUES ('prp_1', 'gone', 1, '{}', 'kim', 1)",
  path_missing: "UPDATE runs SET path_no = 999 WHERE run_no = 2",
  kept_event_off: "INSERT INTO kept_tokens (token, kept_no) VALUES (x'00', 999)",
  redrive_off: "INSERT INTO redrive_runs (redrive_no, place, run_no, state) VALUES (9, 1, 1, 'next')",
  candidate_off:
    "INSERT INTO candidate_answers (run_no, run_id, workflow, slot, key, release, prompt, version, hash, model, status, repaired, asked_at)" +
    " VALUES (999, 'run_gone', 'w', 's', '', 1, 'p', '2', 'h', 'm', 'valid', 0, 1)",
  hold_off: "DELETE FROM holds",
  totals_off: "UPDATE run_counts SET n = n + 1 WHERE status = 'completed'",
  kinds_off: "UPDATE runs SET kind_no = NULL WHERE run_no = 2",
  facets_off: "DELETE FROM facets WHERE run_no = 2",
  ways_off: "UPDATE runs SET path_indexed = NULL WHERE run_no = 2",
  search_off: "DELETE FROM search WHERE rowid = 4",
  texts_off: "UPDATE blob_uses SET n = 9",
};

describe("fsck", () => {
  test("finds nothing wrong with a store that has a bit of everything", () => {
    expect(codes(copy())).toEqual([]);
  });

  test("has a break for every rule", () => {
    expect(Object.keys(BREAKS).sort()).toEqual(RULES.map(({ code }) => code).sort());
  });

  test.each(Object.entries(BREAKS))("names %s after: %s", (code, sql) => {
    const dir = copy();
    const db = openForWriting(databaseFile(dir));
    db.exec(sql);
    db.close();
    expect(codes(dir)).toContain(code);
  });

  test.each(RULES.filter(({ repair }) => repair !== undefined).map(({ code }) => code))("makes %s anew", (code) => {
    const dir = copy();
    const db = openForWriting(databaseFile(dir));
    defineWords(db);
    db.exec(BREAKS[code] as string);
    const { problems } = examine(db);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(repairDerived(db, problems)).toEqual([code]);
    expect(examine(db).problems).toEqual([]);
    db.close();
  });

  test("repairs nothing of the journal", () => {
    const db = openForWriting(databaseFile(copy()));
    defineWords(db);
    db.exec("DELETE FROM records WHERE run_no = 2 AND seq = 2; UPDATE run_counts SET n = 7");
    expect(repairDerived(db, examine(db).problems)).toContain("totals_off");
    expect(examine(db).problems.map(({ code }) => code)).toContain("records_missing");
    db.close();
  });

  test("tells a damaged file, a newer and an older schema, and another program's database", () => {
    const dir = copy();
    const db = new DatabaseSync(databaseFile(dir));
    db.exec("PRAGMA user_version = 999");
    expect(codes(dir)).toEqual(["store_newer"]);
    db.exec("PRAGMA user_version = 1");
    expect(codes(dir)).toEqual(["store_older"]);
    db.exec("PRAGMA application_id = 1");
    expect(codes(dir)).toEqual(["not_a_store"]);
    db.close();
  });
});
