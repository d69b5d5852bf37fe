import { Modal, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { TraceStep } from "../../api/schema.gen.ts";
import { Diff } from "../../parts/diff.tsx";
import { Empty } from "../../parts/states.tsx";
import { withOriginals } from "./originals.ts";
import type { Originals } from "./originals.ts";
import css from "./panel.module.css";
import { asText } from "./reading.ts";
import { peersOf } from "./rows.ts";
import { stepName, typeWord, verdictOf } from "./step-words.ts";

interface CompareProps {
  trace: readonly TraceStep[];
  /** The later one, on the right. */
  step: TraceStep;
  /** Number of the earlier one. */
  against: number;
  originals: Originals | null;
  show(search: { step?: number; against?: number }): void;
}

const FIELDS = [
  { value: "parsed", label: "Output" },
  { value: "raw", label: "Raw answer" },
  { value: "input", label: "Input" },
] as const;
type Field = (typeof FIELDS)[number]["value"];

/** Two attempts or hops of one step side by side. */
export function Compare({ trace, step, against, originals, show }: CompareProps): ReactNode {
  const [field, setField] = useState<Field>("parsed");
  const peers = peersOf(trace, step);
  const other = peers.find((peer) => peer.step === against);
  const options = peers.map((peer) => ({ value: String(peer.step), label: titleOf(peer) }));
  const close = (): void => show({ step: step.step });
  const [left, right] = [other, step].map((each) => each && textOf(withOriginals(each, originals), field));
  return (
    <Modal
      opened
      onClose={close}
      title={`Compare attempts of “${stepName(step)}”`}
      size="min(1200px, 94vw)"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div className={css["compare"]}>
        <Select
          label="Earlier"
          data={options}
          value={other === undefined ? null : String(against)}
          onChange={(value) => value !== null && show({ step: step.step, against: Number(value) })}
          allowDeselect={false}
        />
        <Select
          label="Later"
          data={options}
          value={String(step.step)}
          onChange={(value) => value !== null && show({ step: Number(value), against })}
          allowDeselect={false}
        />
        <SegmentedControl
          size="xs"
          data={[...FIELDS]}
          value={field}
          onChange={(value) => setField(value)}
          aria-label="What is compared"
        />
      </div>
      {other === undefined && (
        <Empty title={`Step ${against} is no attempt of “${stepName(step)}”.`}>Choose one of its attempts above.</Empty>
      )}
      {other !== undefined && left === undefined && right === undefined && (
        <Empty title="Neither of the two has this on record.">Compare another part of them.</Empty>
      )}
      {other !== undefined && (left !== undefined || right !== undefined) && (
        <Diff before={left ?? ""} after={right ?? ""} titles={[titleOf(other), titleOf(step)]} />
      )}
    </Modal>
  );
}

function titleOf(step: TraceStep): string {
  return `Step ${step.step}: ${typeWord(step)}, attempt ${step.attempt}, ${verdictOf(step).word}`;
}

/** Undefined where the step has none. */
function textOf(step: TraceStep, field: Field): string | undefined {
  if (field === "raw") return step.raw === undefined ? undefined : asText(step.raw);
  const value = field === "input" ? step.input : (step.output ?? step.error ?? step.validation ?? null);
  return value === null ? undefined : asText(value);
}
