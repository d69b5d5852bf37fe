import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import type { ReleasePlan } from "../../api/coming.ts";
import css from "./releases.module.css";

/** How a change goes on where something is missing; null: it does not. */
export type Pass = "solo" | "override" | "override-solo" | null;

/** What only another person can bring. */
const PEOPLE: ReadonlySet<string> = new Set(["second_person"]);

/** Whether nothing but a second person is missing: then it can be proposed. */
export function isOnlyPeople(plan: ReleasePlan): boolean {
  const missing = plan.requirements.filter(({ met }) => !met);
  return missing.length > 0 && missing.every(({ code }) => PEOPLE.has(code));
}

interface PassProps {
  plan: ReleasePlan;
  pass: Pass;
  onPass(pass: Pass): void;
}

/** The ways on where something is missing, said aloud; nothing where all is there. */
export function PassFields({ plan, pass, onPass }: PassProps): ReactNode {
  if (plan.allowed || plan.requirements.every(({ met }) => met)) return null;
  const people = isOnlyPeople(plan);
  const ways: readonly (readonly [Exclude<Pass, null> | "", string])[] = people
    ? [
        ["", "Propose it: it comes in force when a second person agrees"],
        ["solo", "There is no second person: go on alone, which is put on record on the release"],
      ]
    : [
        ["", "Leave it: first get what is missing"],
        ["override", "Override the gate: it comes in force when a second person agrees to that too"],
        ["override-solo", "Override it alone: the missing second person and all that is missing are put on record"],
      ];
  return (
    <Radio.Group
      label={people ? "A second person has to agree" : "The gate is closed"}
      value={pass ?? ""}
      onChange={(value) => onPass(value === "" ? null : value)}
    >
      <div className={css["ways"]}>
        {ways.map(([value, label]) => (
          <Radio key={value} size="xs" value={value} label={label} />
        ))}
      </div>
    </Radio.Group>
  );
}
