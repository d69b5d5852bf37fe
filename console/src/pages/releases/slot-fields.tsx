import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ReleaseChange } from "../../api/schema.gen.ts";
import { promptsQuery } from "../../api/project.ts";
import { versionsOf } from "../prompts/versions.ts";
import { withSlot } from "./change.ts";
import type { ChangeFormProps } from "./change-form-props.ts";
import css from "./releases.module.css";
import type { Candidate } from "./stages.ts";

type Wanted = NonNullable<NonNullable<NonNullable<ReleaseChange["prompts"]>[string]["candidate"]>>;
type Mode = Candidate["mode"];

/** Which version and model a slot serves, and what is tried beside it. */
export function SlotFields({ present, change, onChange, slot }: ChangeFormProps & { slot: string }): ReactNode {
  const { data } = useQuery(promptsQuery);
  const grant = present.prompts[slot];
  if (grant === undefined) return null;
  const wanted = change.prompts?.[slot] ?? {};
  const known = versionsOf(data?.items ?? [], grant.prompt).map(({ version }) => version);
  const versions = [...new Set([grant.version, ...known])];
  return (
    <>
      <div className={css["pair"]}>
        <NativeSelect
          label={`Version of ${grant.prompt}`}
          description={`${grant.version} at present`}
          size="xs"
          data={versions}
          value={wanted.version ?? grant.version}
          onChange={({ currentTarget: { value } }) =>
            onChange(withSlot(change, slot, { version: value === grant.version ? undefined : value }))
          }
        />
        <TextInput
          label="Model"
          description={`${grant.model} at present`}
          placeholder={grant.model}
          value={wanted.model ?? ""}
          onChange={({ currentTarget: { value } }) =>
            onChange(withSlot(change, slot, { model: value === "" || value === grant.model ? undefined : value }))
          }
        />
      </div>
      <CandidateFields
        versions={versions}
        present={grant.candidate}
        wanted={wanted.candidate}
        onWant={(candidate) => onChange(withSlot(change, slot, { candidate }))}
      />
    </>
  );
}

interface CandidateProps {
  versions: readonly string[];
  present: Candidate | null;
  /** Null: it is to go; undefined: it stays as it is. */
  wanted: Wanted | null | undefined;
  onWant(candidate: Wanted | null | undefined): void;
}

const MODES = [
  { value: "shadow", label: "shadow: asked beside, without effect" },
  { value: "live", label: "live: takes its place" },
];

function CandidateFields({ versions, present, wanted, onWant }: CandidateProps): ReactNode {
  const shown = wanted === undefined ? present : wanted;
  const want = (next: Wanted | null): void => onWant(isSame(next, present) ? undefined : next);
  const set = (members: Partial<Wanted>): void => {
    if (shown !== null) want({ version: shown.version, share: shown.share, mode: shown.mode, ...members });
  };
  return (
    <div className={css["pair"]}>
      <NativeSelect
        label="Candidate"
        description={present === null ? "none at present" : `${present.version} at present`}
        size="xs"
        data={[{ value: "", label: "none" }, ...versions.map((version) => ({ value: version, label: version }))]}
        value={shown?.version ?? ""}
        onChange={({ currentTarget: { value } }) => {
          if (value === "") want(null);
          else if (shown === null) want({ version: value, share: 1, mode: "shadow" });
          else set({ version: value });
        }}
      />
      {shown !== null && (
        <>
          <NativeSelect
            label="How it is tried"
            description="shadow slows no run"
            size="xs"
            data={MODES}
            value={shown.mode}
            onChange={({ currentTarget: { value } }) => set({ mode: value as Mode })}
          />
          <NumberInput
            label="Share of the candidate"
            description="of the keys"
            min={0}
            max={100}
            suffix=" %"
            value={Number((shown.share * 100).toPrecision(12))}
            onChange={(value) => typeof value === "number" && set({ share: Number((value / 100).toPrecision(12)) })}
          />
        </>
      )}
    </div>
  );
}

function isSame(a: Wanted | null, b: Wanted | null): boolean {
  if (a === null || b === null) return a === b;
  return a.version === b.version && a.share === b.share && a.mode === b.mode;
}
