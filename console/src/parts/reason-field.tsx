import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";

/** Why somebody does what changes a run or a workflow; it has the focus first. */
export function ReasonField({ reason, onChange }: { reason: string; onChange(reason: string): void }): ReactNode {
  return (
    <Textarea
      label="Reason"
      description="It is put on record with your name."
      required
      autosize
      minRows={2}
      maxLength={1_000}
      value={reason}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data-autofocus
    />
  );
}
