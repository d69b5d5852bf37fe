import type { Evidence } from "../release/evidence.ts";
import type { Gated } from "../release/gate.ts";
import type { GateOverride, Release, ReleaseApproval } from "../release/release.ts";
import { stillWithdrawn } from "../release/rollback.ts";

/** Who makes a release, why, and with whose word. */
export interface Grounds {
  actor: string;
  reason: string;
  override: GateOverride | null;
  approvals: readonly ReleaseApproval[];
}

/** The record that is published. `carried`: what the present release rests on, of which it keeps what still serves. */
export function nextRelease(
  { present, next }: { present: Release; next: Release },
  carried: readonly Evidence[],
  { actor, reason, override, approvals, evidence, proven }: Grounds & Pick<Gated, "evidence" | "proven">,
): Release {
  const { override: _, proven: __, withdrawn: ___, ...rest } = next;
  const withdrawn = stillWithdrawn(next);
  const kept = carried.filter((each) => stillServes(each, next)).map(({ evidenceId }) => evidenceId);
  return {
    ...rest,
    number: present.number + 1,
    createdBy: actor,
    reason,
    evidence: [...new Set([...evidence, ...kept])],
    approvals,
    ...(proven.length === 0 ? {} : { proven }),
    ...(override === null ? {} : { override }),
    ...(withdrawn.length === 0 ? {} : { withdrawn }),
  };
}

function stillServes({ subject }: Evidence, { prompts }: Release): boolean {
  const served = new Set(Object.values(prompts).flatMap(({ hash, candidate }) => [hash, candidate?.hash]));
  if (subject.kind === "prompt") return served.has(subject.hash);
  return Object.entries(subject.prompts).every(([slot, { hash }]) => prompts[slot]?.hash === hash);
}
