import { countFacets } from "../../journal/facets.ts";
import type { RunFilter } from "../../journal/run-filter.ts";
import type {
  InUse,
  PromptApproval,
  PromptStore,
  PromptUsage,
  Publication,
  PublishInput,
  PublishOutcome,
  WithdrawOutcome,
} from "../../prompt/ports.ts";
import type { Release } from "../../release/release.ts";
import { readRelease } from "../../release/release.ts";
import type { Database, Row } from "./database.ts";
import { countKinds } from "./facets.ts";
import { plain, type Operation } from "./operation.ts";

type Given<K extends keyof PromptStore> = Parameters<PromptStore[K]>[0];

const PUBLICATION =
  "SELECT name, version, hash, published_at AS at, published_by AS by, reason, withdrawn_at, withdrawn_by, withdrawn_reason FROM prompt_publications";

function toPublication(row: Row): Publication {
  const { withdrawn_at: at, withdrawn_by: by, withdrawn_reason: reason, ...published } = row;
  const withdrawn = at === null ? null : { at, by, reason };
  return { ...published, withdrawn } as Publication;
}

function publicationOf(db: Database, name: string, version: string): Publication | null {
  const row = db.get(`${PUBLICATION} WHERE name = ? AND version = ?`, name, version);
  return row === undefined ? null : toPublication(row);
}

function publish(db: Database, input: PublishInput, now: number): PublishOutcome {
  const { name, version, hash, body, by, reason } = input;
  db.change(
    "INSERT OR IGNORE INTO versions (kind, name, version, hash, body, registered_at) VALUES ('prompt', ?, ?, ?, ?, ?)",
    name,
    version,
    hash,
    body,
    now,
  );
  const stored = db.get("SELECT hash FROM versions WHERE kind = 'prompt' AND name = ? AND version = ?", name, version);
  if (stored?.["hash"] !== hash) return { ok: false, why: "changed", hash: String(stored?.["hash"]) };
  const known = publicationOf(db, name, version);
  if (known !== null && known.withdrawn === null) return { ok: true, publication: known, fresh: false };
  db.change(
    "INSERT OR REPLACE INTO prompt_publications (name, version, hash, published_at, published_by, reason) VALUES (?, ?, ?, ?, ?, ?)",
    name,
    version,
    hash,
    now,
    by,
    reason,
  );
  return { ok: true, publication: publicationOf(db, name, version) as Publication, fresh: true };
}

export const publishPrompt: Operation<PublishInput, PublishInput, PublishOutcome> = plain("publishPrompt", publish);

export const publications: Operation<string | null, string | null, Publication[]> = plain("publications", (db, name) =>
  db.all(`${PUBLICATION} WHERE ?1 IS NULL OR name = ?1 ORDER BY name, published_at, version`, name).map(toPublication),
);

function withdraw(db: Database, input: Given<"withdrawPrompt">, now: number): WithdrawOutcome {
  const { name, version, by, reason } = input;
  const known = db.get("SELECT hash FROM versions WHERE kind = 'prompt' AND name = ? AND version = ?", name, version);
  if (known === undefined || (publicationOf(db, name, version)?.withdrawn ?? null) !== null)
    return { ok: false, why: "unknown" };
  const uses = usesOf(db, name, version);
  if (uses.length > 0) return { ok: false, why: "in_use", by: uses };
  // What was only registered, by a process that had its file, is entered as withdrawn all the same.
  db.change(
    "INSERT INTO prompt_publications (name, version, hash, published_at, published_by, reason, withdrawn_at, withdrawn_by, withdrawn_reason)" +
      " VALUES (?1, ?2, ?3, ?4, ?5, '', ?4, ?5, ?6)" +
      " ON CONFLICT DO UPDATE SET withdrawn_at = ?4, withdrawn_by = ?5, withdrawn_reason = ?6",
    name,
    version,
    String(known["hash"]),
    now,
    by,
    reason,
  );
  return { ok: true };
}

export const withdrawPrompt: Operation<Given<"withdrawPrompt">, Given<"withdrawPrompt">, WithdrawOutcome> = plain(
  "withdrawPrompt",
  withdraw,
);

/** Everything that goes by a version now, or may be made to by a rollback. */
function usesOf(db: Database, name: string, version: string): InUse[] {
  const present = db
    .all<{ body: string }>(
      "SELECT r.body FROM controls c JOIN releases r ON r.workflow = c.workflow AND r.number = c.release ORDER BY 1",
    )
    .map(({ body }) => readRelease(body));
  const serving = present.filter((release) => names(release, name, version));
  const serves = serving.map(({ workflow, number }): InUse => ({ why: "serves", workflow, release: number }));
  const back = present
    .filter((release) => waysBack(db, release, name).has(version))
    .map(({ workflow, prompts }): InUse => {
      const slot = Object.values(prompts).find(({ prompt }) => prompt === name);
      return { why: "rollback", workflow, version: slot?.version ?? "" };
    });
  const runs = pinnedRuns(db, name, version);
  const pinned: InUse[] = runs === 0 ? [] : [{ why: "pinned", runs }];
  return [...serves, ...pinned, ...back, ...olderReleases(db, present, name, version)];
}

function names({ prompts }: Pick<Release, "prompts">, name: string, version: string): boolean {
  return Object.values(prompts).some(
    (grant) => grant.prompt === name && (grant.version === version || grant.candidate?.version === version),
  );
}

/** `rollback_version` of what serves. */
function waysBack(db: Database, { prompts }: Release, name: string): Set<string> {
  const served = Object.values(prompts).filter(({ prompt }) => prompt === name);
  const found = served.map(({ version }) => {
    const row = db.get(
      "SELECT json_extract(body, '$.rollback_version') AS back FROM versions WHERE kind = 'prompt' AND name = ? AND version = ?",
      name,
      version,
    );
    return row?.["back"];
  });
  return new Set(found.filter((back) => typeof back === "string"));
}

/** Proper releases in the history, which a rollback may go back to: the latest of each workflow that names the version. */
function olderReleases(db: Database, present: readonly Release[], name: string, version: string): InUse[] {
  return present.flatMap(({ workflow, number }) => {
    const older = db
      .all<{ body: string }>(
        "SELECT body FROM releases WHERE workflow = ? AND number < ? ORDER BY number DESC",
        workflow,
        number,
      )
      .map(({ body }) => readRelease(body))
      .find((release) => !release.development && names(release, name, version));
    return older === undefined ? [] : [{ why: "release" as const, workflow, release: older.number }];
  });
}

function pinnedRuns(db: Database, name: string, version: string): number {
  const row = db.get(
    "SELECT count(*) AS n FROM runs WHERE status IN ('queued', 'running', 'waiting') AND pin_no IN (" +
      "SELECT p.pin_no FROM pins p, json_each(p.body, '$.prompts') j" +
      " WHERE json_extract(j.value, '$.prompt') = ?1 AND (json_extract(j.value, '$.version') = ?2" +
      " OR json_extract(j.value, '$.candidate.version') = ?2))",
    name,
    version,
  );
  return Number(row?.["n"] ?? 0);
}

function approve(db: Database, { name, version, hash, by, reason }: Given<"approvePrompt">, now: number): boolean {
  const added = db.change(
    "INSERT OR IGNORE INTO prompt_approvals (hash, name, version, approved_at, approved_by, reason) VALUES (?, ?, ?, ?, ?, ?)",
    hash,
    name,
    version,
    now,
    by,
    reason,
  );
  return added > 0;
}

export const approvePrompt: Operation<Given<"approvePrompt">, Given<"approvePrompt">, boolean> = plain(
  "approvePrompt",
  approve,
);

export const approvalsOf: Operation<string | null, string | null, PromptApproval[]> = plain("approvalsOf", (db, hash) =>
  db.all<PromptApproval>(
    "SELECT name, version, hash, approved_at AS at, approved_by AS by, reason FROM prompt_approvals WHERE ?1 IS NULL OR hash = ?1 ORDER BY approval_no",
    hash,
  ),
);

interface Used {
  name: string;
  version: string;
}

function usage(db: Database, { name, version }: Used): PromptUsage {
  const filter: RunFilter = { prompt: name, promptVersion: version };
  const { total, facets } = countFacets(countKinds(db, filter), filter);
  const decided = Object.fromEntries(facets.disposition.map(({ value, count }) => [value, count]));
  const undecided = total - facets.disposition.reduce((sum, { count }) => sum + count, 0);
  const used = "facets f JOIN facet_names n ON n.facet_no = f.facet_no WHERE n.name = ?";
  const facet = `prompt_version:${name}@${version}`;
  const answers = db.all<{ action: string; n: number }>(
    `SELECT r.action, count(*) AS n FROM reviews r WHERE r.status = 'answered' AND r.run_no IN (SELECT f.run_no FROM ${used}) GROUP BY 1`,
    facet,
  );
  const answered = new Map(answers.map(({ action, n }) => [action, n]));
  const span = db.get(`SELECT min(f.created_at) AS first, max(f.created_at) AS last FROM ${used}`, facet);
  return {
    runs: total,
    dispositions: undecided === 0 ? decided : { ...decided, none: undecided },
    reviews: {
      approve: answered.get("approve") ?? 0,
      correct: answered.get("correct") ?? 0,
      reject: answered.get("reject") ?? 0,
    },
    firstAt: (span?.["first"] ?? null) as number | null,
    lastAt: (span?.["last"] ?? null) as number | null,
  };
}

export const promptUsage: Operation<Used, Used, PromptUsage> = plain("promptUsage", usage);
