import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import type { ReleasePlan } from "../../api/schema.gen.ts";
import css from "./releases.module.css";

/** How a change goes on where something is missing; null: as it is. */
export type Pass = "solo" | "override" | "override-solo" | null;

interface PassProps {
  plan: ReleasePlan;
  pass: Pass;
  onPass(pass: Pass): void;
}

type Way = readonly [Exclude<Pass, null> | "", string];

const FOR_PEOPLE: readonly Way[] = [
  ["", "Propose it: it comes in force when a second person agrees"],
  ["solo", "There is no second person: go on alone, which is put on record on the release"],
];

const PAST_THE_GATE: readonly Way[] = [
  ["", "Leave it: first get what is missing"],
  ["override", "Override the gate: it comes in force when a second person agrees to that too"],
  ["override-solo", "Override it alone: all that is missing, the second person too, is put on record"],
];

/** The ways on where something is missing, said aloud; nothing where all is there. */
export function PassFields({ plan: { outcome, present, requirements }, pass, onPass }: PassProps): ReactNode {
  if (outcome === "release" && present.development && requirements.some(({ met }) => !met))
    return (
      <p className={css["dim"]}>
        This is a development release: it is changed without the gate. Under <code>sluice serve</code> all of this is
        asked for.
      </p>
    );
  if (outcome === "release" || outcome === "nothing") return null;
  const isProposal = outcome === "proposal";
  return (
    <Radio.Group
      label={isProposal ? "A second person has to agree" : "The gate is closed"}
      value={pass ?? ""}
      onChange={(value) => onPass(value === "" ? null : value)}
    >
      <div className={css["ways"]}>
        {(isProposal ? FOR_PEOPLE : PAST_THE_GATE).map(([value, label]) => (
          <Radio key={value} size="xs" value={value} label={label} />
        ))}
      </div>
    </Radio.Group>
  );
}

/** What the server is told of it. */
export function passed(pass: Pass): { override?: true; solo?: true } {
  if (pass === null) return {};
  if (pass === "solo") return { solo: true };
  return pass === "override-solo" ? { override: true, solo: true } : { override: true };
}

/** What the button says that does it; null where nothing can be done. */
export function passLabel({ outcome, changes }: ReleasePlan, pass: Pass): string | null {
  if (outcome === "nothing") return null;
  if (outcome === "release") return changes.some(({ direction }) => direction === "raise") ? "Promote" : "Put in force";
  if (outcome === "proposal") return pass === "solo" ? "Put in force, alone" : "Propose to a second person";
  if (pass === null || pass === "solo") return null;
  return pass === "override" ? "Propose it past the gate" : "Put in force past the gate, alone";
}
