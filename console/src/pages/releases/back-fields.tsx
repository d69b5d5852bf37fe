import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Release } from "../../api/schema.gen.ts";
import type { Back } from "./act.ts";
import { historyQuery } from "./queries.ts";
import css from "./releases.module.css";

interface BackFieldsProps {
  present: Release;
  back: Back;
  onChange(back: Back): void;
}

const FALLBACK = "fallback";

/** Back to what: an earlier release, or the fallback model; for all slots or one; and what of runs on their way. */
export function BackFields({ present, back, onChange }: BackFieldsProps): ReactNode {
  const { data } = useQuery(historyQuery(present.workflow));
  const earlier = (data?.items ?? []).filter(({ release }) => release.number < present.number);
  const slots = Object.entries(present.prompts);
  const withFallback = slots.filter(([, { fallbacks }]) => fallbacks.length > 0);
  return (
    <div className={css["pair"]}>
      <NativeSelect
        label="Back to"
        size="xs"
        data={[
          ...earlier.map(({ release: { number, stage, reason } }) => ({
            value: String(number),
            label: `what release ${number} served (${stage}: ${reason.slice(0, 50)})`,
          })),
          ...(withFallback.length === 0 ? [] : [{ value: FALLBACK, label: "the fallback model" }]),
        ]}
        value={back.fallback ? FALLBACK : String(back.to ?? "")}
        onChange={({ currentTarget: { value } }) =>
          onChange(
            value === FALLBACK
              ? { ...back, fallback: true, slot: withFallback[0]?.[0] ?? null }
              : { ...back, fallback: false, to: Number(value) },
          )
        }
      />
      <NativeSelect
        label="Prompts"
        size="xs"
        data={[
          ...(back.fallback ? [] : [{ value: "", label: "all of them" }]),
          ...(back.fallback ? withFallback : slots).map(([slot, { prompt }]) => ({
            value: slot,
            label: `${slot} (${prompt})`,
          })),
        ]}
        value={back.slot ?? ""}
        onChange={({ currentTarget: { value } }) => onChange({ ...back, slot: value === "" ? null : value })}
      />
      <NativeSelect
        label="Runs that used it and have not decided"
        size="xs"
        data={[
          { value: "review", label: "go to a person, marked" },
          { value: "finish", label: "finish with it" },
        ]}
        value={back.inFlight}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...back, inFlight: value === "finish" ? "finish" : "review" })
        }
      />
    </div>
  );
}
