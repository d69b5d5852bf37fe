import { NumberInput, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./redrive.module.css";

/** How carefully many dead runs are redriven; null: all at once. */
export interface Care {
  canary: number;
  /** Runs a minute; null: as fast as they can be. */
  rate: number | null;
  /** Percent of the redriven that may not die again. */
  stopAt: number;
}

const CAREFUL: Care = { canary: 5, rate: 60, stopAt: 20 };
/** With fewer, trying some first gains little. */
const MANY = 10;

/** What is proposed for so many runs. */
export function careFor(expected: number): Care | null {
  return expected >= MANY ? CAREFUL : null;
}

export function CareFields({ care, onChange }: { care: Care | null; onChange(care: Care | null): void }): ReactNode {
  return (
    <>
      <Switch
        label="With care: a few first, then slowly"
        description="It goes on in the background and stops by itself where they die again."
        checked={care !== null}
        onChange={({ currentTarget }) => onChange(currentTarget.checked ? CAREFUL : null)}
      />
      {care !== null && (
        <div className={css["care"]}>
          <NumberInput
            label="First"
            description="The others wait for these."
            min={1}
            max={1_000}
            allowDecimal={false}
            value={care.canary}
            onChange={(value) => onChange({ ...care, canary: Number(value) || 1 })}
          />
          <NumberInput
            label="Runs a minute"
            description="Empty: no limit."
            min={1}
            max={60_000}
            allowDecimal={false}
            value={care.rate ?? ""}
            onChange={(value) => onChange({ ...care, rate: Number(value) || null })}
          />
          <NumberInput
            label="Stop at"
            description="Share that died again."
            suffix=" %"
            min={1}
            max={100}
            value={care.stopAt}
            onChange={(value) => onChange({ ...care, stopAt: Number(value) || CAREFUL.stopAt })}
          />
        </div>
      )}
    </>
  );
}
