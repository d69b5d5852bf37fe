import { isObject } from "../../base/json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { ControlRow } from "../../journal/ports.ts";
import type { Agreement, RegisteredVersion, ReleaseRow } from "../../release/ports.ts";
import { holdByRelease } from "./holds.ts";
import { plain, type Operation } from "./operation.ts";
import { agree, lapseProposals } from "./release-proposals.ts";
import { controlOf } from "./run-row.ts";

export const control: Operation<string, string, ControlRow | null> = plain("control", controlOf);

export const controls: Operation<null, null, ControlRow[]> = plain("controls", (db) =>
  db.all<ControlRow>(
    "SELECT c.workflow, c.version, c.release, r.body FROM controls c" +
      " JOIN releases r ON r.workflow = c.workflow AND r.number = c.release ORDER BY c.workflow",
  ),
);

/** Whether a release is off and keeps its events until it is on again. */
function holdsEvents(body: string): boolean {
  const { stage, whenOff = "hold" } = bodyOf(body) as { stage?: Json; whenOff?: Json };
  return stage === "off" && whenOff === "hold";
}

function bodyOf(body: string): JsonObject {
  try {
    const read = JSON.parse(body) as Json;
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}

interface PublishInput {
  release: ReleaseRow;
  expectedVersion: number;
  agreed: Agreement | null;
}

export const publish: Operation<PublishInput, PublishInput, boolean> = plain(
  "publish",
  (db, { release, expectedVersion, agreed }, now) => {
    const present = controlOf(db, release.workflow);
    if ((present?.version ?? 0) !== expectedVersion) return false;
    const last = db.get("SELECT max(number) AS number FROM releases WHERE workflow = ?", release.workflow) as
      | { number: number | null }
      | undefined;
    if (release.number !== (last?.number ?? 0) + 1) return false;
    if (agreed !== null && !agree(db, agreed, release.number, now)) return false;
    lapseProposals(db, release.workflow, now);
    db.change(
      "INSERT INTO releases (workflow, number, body, created_at) VALUES (?, ?, ?, ?)",
      release.workflow,
      release.number,
      release.body,
      release.createdAt,
    );
    db.change(
      "INSERT INTO controls (workflow, version, release) VALUES (?1, ?2, ?3)" +
        " ON CONFLICT DO UPDATE SET version = ?2, release = ?3",
      release.workflow,
      expectedVersion + 1,
      release.number,
    );
    holdByRelease(db, { ...release, holds: holdsEvents(release.body) }, now);
    return true;
  },
);

export const releases: Operation<string, string, ReleaseRow[]> = plain("releases", (db, workflow) =>
  db.all<ReleaseRow>(
    "SELECT workflow, number, body, created_at AS createdAt FROM releases WHERE workflow = ? ORDER BY number",
    workflow,
  ),
);

const VERSION = "SELECT kind, name, version, hash, body, registered_at AS registeredAt FROM versions";

export const registerVersion: Operation<RegisteredVersion, RegisteredVersion, RegisteredVersion> = plain(
  "registerVersion",
  (db, { kind, name, version, hash, body, registeredAt }) => {
    db.change(
      "INSERT OR IGNORE INTO versions (kind, name, version, hash, body, registered_at) VALUES (?, ?, ?, ?, ?, ?)",
      kind,
      name,
      version,
      hash,
      body,
      registeredAt,
    );
    const stored = db.get(`${VERSION} WHERE kind = ? AND name = ? AND version = ?`, kind, name, version) as
      | RegisteredVersion
      | undefined;
    if (stored === undefined) throw new Error(`${kind} ${name} ${version} could not be registered.`);
    return stored;
  },
);

export const versions: Operation<RegisteredVersion["kind"], RegisteredVersion["kind"], RegisteredVersion[]> = plain(
  "versions",
  (db, kind) => db.all<RegisteredVersion>(`${VERSION} WHERE kind = ? ORDER BY name, registered_at, version`, kind),
);
