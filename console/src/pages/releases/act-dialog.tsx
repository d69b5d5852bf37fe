import { Modal, NativeSelect, NumberInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Release } from "../../api/schema.gen.ts";
import { firstOf, plannedOf, send, wordsOf } from "./act.ts";
import type { Act, Chosen } from "./act.ts";
import { BackFields } from "./back-fields.tsx";
import { Foreseen, usePlan } from "./foreseen.tsx";
import css from "./releases.module.css";
import { STAGES, compareStages } from "./stages.ts";
import type { Stage } from "./stages.ts";

interface ActDialogProps {
  present: Release;
  act: Act;
  onClose(): void;
}

const TYPING_MS = 200;

/** One way down or back: what is chosen, what it changes, why, and the one button. */
export function ActDialog({ present, act, onClose }: ActDialogProps): ReactNode {
  const [chosen, setChosen] = useState(() => firstOf(present, act));
  const [settled] = useDebouncedValue(chosen, TYPING_MS);
  const { workflow, number } = present;
  const plan = usePlan(workflow, number, plannedOf(act, settled));
  const { title, about, button } = wordsOf(present, act, chosen);
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={css["form"]}>
        <p className={css["dim"]}>{about}</p>
        <Fields present={present} act={act} chosen={chosen} onChange={(part) => setChosen({ ...chosen, ...part })} />
        <Foreseen
          plan={plan}
          base={number}
          isReady={settled === chosen && !plan.isFetching}
          label={button}
          send={(given) => send(workflow, act, chosen, given)}
          onDone={onClose}
        />
      </div>
    </Modal>
  );
}

interface FieldsProps {
  present: Release;
  act: Act;
  chosen: Chosen;
  onChange(part: Partial<Chosen>): void;
}

function Fields({ present, act, chosen, onChange }: FieldsProps): ReactNode {
  switch (act.kind) {
    case "rollback":
      return <BackFields present={present} back={chosen.back} onChange={(back) => onChange({ back })} />;
    case "demote":
      return (
        <NativeSelect
          label="To stage"
          size="xs"
          data={STAGES.filter((stage) => compareStages(stage, present.stage) < 0 && stage !== "off")}
          value={chosen.stage}
          onChange={({ currentTarget }) => onChange({ stage: currentTarget.value as Stage })}
        />
      );
    case "traffic":
      return <ShareField present={present.share} share={chosen.share} onChange={(share) => onChange({ share })} />;
    case "off":
      return (
        <NativeSelect
          label="Events that come meanwhile"
          size="xs"
          data={[
            { value: "hold", label: "are held until it is switched on" },
            { value: "review", label: "go to review: a person decides each" },
          ]}
          value={chosen.whenOff}
          onChange={({ currentTarget }) => onChange({ whenOff: currentTarget.value === "review" ? "review" : "hold" })}
        />
      );
    default:
      return null;
  }
}

interface ShareFieldProps {
  present: number;
  share: number;
  onChange(share: number): void;
}

function ShareField({ present, share, onChange }: ShareFieldProps): ReactNode {
  return (
    <NumberInput
      label="Share of the traffic"
      description={`${Number((present * 100).toPrecision(6))} % at present`}
      min={0}
      max={Number((present * 100).toPrecision(6))}
      suffix=" %"
      value={Number((share * 100).toPrecision(6))}
      onChange={(value) => typeof value === "number" && onChange(Number((value / 100).toPrecision(12)))}
    />
  );
}
