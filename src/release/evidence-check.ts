import type { Evidence } from "./evidence.ts";
import { shortfalls } from "./figures.ts";
import type { Requirement } from "./requirement.ts";

/** A suite as it stands now: evidence counts where it was made with exactly this. */
export interface PresentSuite {
  name: string;
  hash: string;
  scorersHash: string;
  /** Latest published versions. Null version: never published. */
  datasets: readonly { name: string; version: number | null; hash: string }[];
}

/** What a requirement comes to, but for its code and slot. */
export type Found = Pick<Requirement, "met" | "message" | "fix"> & { evidence: Evidence | null };

/** What is looked for, in words, and how it is made. */
export interface Sought {
  /** `classifier@2 on openai/gpt-4.1-mini`. */
  subject: string;
  suite: string;
  /** The command that makes it. */
  make: string;
}

/**
 * The newest evidence that was made with the suite as it stands decides; older ones do not count, whatever they showed.
 * `exact`: made for exactly this subject, newest first; `near`: for something like it, to say what differs.
 */
export function evidenceFor(
  sought: Sought,
  suite: PresentSuite,
  exact: readonly Evidence[],
  near: string | null,
): Found {
  const current = exact.find((each) => staleness(each, suite) === null);
  if (current !== undefined) return judged(sought, current);
  const { subject, suite: name, make } = sought;
  const [newest] = exact;
  if (newest !== undefined)
    return {
      met: false,
      message: `The evidence for ${subject} is out of date: ${staleness(newest, suite)}.`,
      fix: make,
      evidence: newest,
    };
  const message = `There is no evidence for ${subject}: suite ${name} was never run for exactly this${near === null ? "" : ` (${near})`}.`;
  return { met: false, message, fix: make, evidence: null };
}

function judged({ subject, suite, make }: Sought, evidence: Evidence): Found {
  const { verdict, targets, cases, inContext, evidenceId } = evidence;
  const passes = verdict === "PASS" && targets.length > 0 && targets.every(({ status }) => status === "PASS");
  if (!passes) {
    const word = verdict === "PASS" ? "FAIL" : verdict;
    const message = `${subject} does not pass ${suite} (${word}): ${shortfalls(evidence)}.`;
    const better = `Look at the failing cases: sluice eval show ${evidenceId}; mend the version or its cases, then ${make}`;
    return { met: false, message, fix: better, evidence };
  }
  const note = inContext ? " These are figures of local/in-context: they say nothing about instructions." : "";
  return { met: true, message: `${subject} passes ${suite}, ${cases} cases.${note}`, fix: null, evidence };
}

/** Why evidence does not count any more; null where it does. */
function staleness(evidence: Evidence, suite: PresentSuite): string | null {
  if (evidence.suiteHash !== suite.hash) return `suite ${suite.name} has changed since`;
  if (evidence.scorersHash !== suite.scorersHash) return `the scorers of ${suite.name} have changed since`;
  const made = new Map(evidence.datasets.map((each) => [each.name, each]));
  for (const { name, version, hash } of suite.datasets) {
    const then = made.get(name);
    if (then === undefined) return `dataset ${name} was not part of it`;
    if (then.version !== version || then.hash !== hash)
      return `dataset ${name} is at version ${version ?? "none"} by now, it was made with version ${then.version}`;
  }
  return made.size === suite.datasets.length ? null : `suite ${suite.name} has other datasets by now`;
}
