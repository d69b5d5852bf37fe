import type { Json, Run } from "../../api/schema.gen.ts";

/** One field of a decision, short enough for a row. */
export interface Field {
  name: string;
  value: string;
}

/** What the list keeps of a run: what a row shows. Decisions may be long, and there may be very many rows. */
export interface Row {
  id: string;
  workflow: string;
  eventType: string;
  eventId: string;
  status: Run["status"];
  waitingFor: Run["waiting_for"];
  disposition: Run["disposition"];
  stage: Run["stage"];
  release: number | null;
  /** NAME@VERSION of each prompt. */
  prompts: string[];
  failure: { class: string; message: string } | null;
  decision: Field[];
  /** US dollars; null where a price is unknown. */
  cost: number | null;
  /** Epoch ms. */
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  updatedAt: string;
  /** It matched when the list was read, and does not any more. */
  left?: true;
}

const FIELDS_SHOWN = 5;
const VALUE_LENGTH = 120;

export function toRow(run: Run): Row {
  return {
    id: run.run_id,
    workflow: run.workflow,
    eventType: run.event_type,
    eventId: run.event_id,
    status: run.status,
    waitingFor: run.waiting_for,
    disposition: run.disposition,
    stage: run.stage,
    release: run.release,
    prompts: Object.entries(run.prompt_versions).map(([name, version]) => `${name}@${version}`),
    failure:
      run.failure === null
        ? null
        : { class: run.failure.class, message: run.failure.message.slice(0, 2 * VALUE_LENGTH) },
    decision: fieldsOf(run.decision),
    cost: run.cost_usd,
    createdAt: Date.parse(run.created_at),
    startedAt: run.started_at === null ? null : Date.parse(run.started_at),
    endedAt: run.ended_at === null ? null : Date.parse(run.ended_at),
    updatedAt: run.updated_at,
  };
}

/** The fields that say most in little room: short ones first, long texts cut, nested values left out. */
export function fieldsOf(decision: Json): Field[] {
  if (decision === null) return [];
  if (typeof decision !== "object") return [{ name: "", value: String(decision).slice(0, VALUE_LENGTH) }];
  if (Array.isArray(decision)) return [{ name: "items", value: String(decision.length) }];
  const plain = Object.entries(decision).filter(([, value]) => value !== null && typeof value !== "object");
  const fields = plain.map(([name, value]) => ({ name, value: String(value).slice(0, VALUE_LENGTH) }));
  const isLong = ({ value }: Field): boolean => value.length > 32;
  return [...fields.filter((field) => !isLong(field)), ...fields.filter(isLong)].slice(0, FIELDS_SHOWN);
}

/** How long a run took, or has taken so far: from its first claim to its end. Null before that. */
export function tookMs({ startedAt, endedAt }: Row, now: number): number | null {
  return startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt);
}

export function hasEnded({ status }: Row): boolean {
  return status !== "queued" && status !== "running" && status !== "waiting";
}
