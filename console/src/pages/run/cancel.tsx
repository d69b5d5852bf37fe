import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { Failed } from "../../parts/states.tsx";
import { runQuery } from "./queries.ts";
import { ReasonField } from "../../parts/reason-field.tsx";
import css from "./run.module.css";

/** Ends a run that has not ended, for a reason that goes on record. */
export function CancelDialog({ runId, onClose }: { runId: string; onClose(): void }): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const cancel = useMutation({
    mutationFn: () => call("POST /v1/runs/{id}/cancel", { params: { id: runId }, body: { reason: reason.trim() } }),
    onSuccess: async (run) => {
      client.setQueryData(runQuery(runId).queryKey, run);
      onClose();
      await client.invalidateQueries({ queryKey: ["run", runId] });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Cancel this run" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          cancel.mutate();
        }}
      >
        <p>
          It ends at once, for good: a cancelled run cannot be resumed. Its open reviews are withdrawn. A write that is
          under way may still arrive at the other side; the record says what is known of it.
        </p>
        <ReasonField reason={reason} onChange={setReason} />
        {cancel.isError && <Failed error={cancel.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button type="submit" color="red" disabled={reason.trim() === ""} loading={cancel.isPending}>
            Cancel the run
          </Button>
        </div>
      </form>
    </Modal>
  );
}
