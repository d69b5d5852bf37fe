import { Button, Modal, NumberInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/client.ts";
import type { Input } from "../api/client.ts";
import type { RedriveReport } from "../api/schema.gen.ts";
import { RunLink } from "./badge.tsx";
import { count, plural } from "./format.ts";
import css from "./redrive.module.css";
import { Failed } from "./states.tsx";
import { Line } from "./text.tsx";

export type RedriveFilter = NonNullable<Input<"POST /v1/dead-letters/redrive">["body"]["filter"]>;

interface RedriveProps {
  /** One run, or all dead runs that match. */
  filter: RedriveFilter;
  /** How many are expected to match; the most that is asked for at first. */
  expected: number;
  onClose: () => void;
}

const MOST = 10_000;

/** Redrives dead runs: first counted without doing anything, then done with a reason, which is put on record. */
export function Redrive({ filter, expected, onClose }: RedriveProps): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [limit, setLimit] = useState(Math.min(Math.max(expected, 1), MOST));
  const redrive = useMutation({
    mutationFn: (dryRun: boolean) =>
      call("POST /v1/dead-letters/redrive", { body: { filter, limit, dry_run: dryRun, reason: reason.trim() } }),
    onSuccess: async ({ dry_run: dryRun }) => {
      if (!dryRun) await client.invalidateQueries();
    },
  });
  const counted = redrive.data?.dry_run === true ? redrive.data : undefined;
  const done = redrive.data?.dry_run === false ? redrive.data : undefined;
  const ready = reason.trim() !== "";
  return (
    <Modal opened onClose={onClose} title="Redrive dead runs" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <p className={css["about"]}>
        A redriven run goes on from the step that failed, on the code that is deployed now. What has been written stays
        written and is not repeated.
      </p>
      {done === undefined ? (
        <div className={css["form"]}>
          <Textarea
            label="Reason"
            description="It is put on record with your name."
            required
            autosize
            minRows={2}
            maxLength={1_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
          {filter.run_id === undefined && (
            <NumberInput
              label="At most"
              description="The oldest come last: begin with a few where you are not sure."
              min={1}
              max={MOST}
              value={limit}
              onChange={(value) => setLimit(Number(value) || 1)}
            />
          )}
          {counted !== undefined && <Report report={counted} />}
          {redrive.isError && <Failed error={redrive.error} />}
          <div className={css["buttons"]}>
            <Button
              variant="default"
              disabled={!ready}
              loading={redrive.isPending}
              onClick={() => redrive.mutate(true)}
            >
              Count without doing it
            </Button>
            <Button
              disabled={!ready || counted === undefined || counted.matched === 0}
              loading={redrive.isPending}
              onClick={() => redrive.mutate(false)}
            >
              {counted === undefined ? "Redrive" : `Redrive ${plural(counted.matched, "run")}`}
            </Button>
          </div>
        </div>
      ) : (
        <div className={css["form"]}>
          <Report report={done} />
          <div className={css["buttons"]}>
            <Button onClick={onClose}>Close</Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

/** Shown of those that cannot go on. */
const REFUSED_SHOWN = 20;

function Report({ report }: { report: RedriveReport }): ReactNode {
  const { matched, redriven, refused, dry_run: dryRun } = report;
  return (
    <output className={css["report"]}>
      <p>
        {dryRun
          ? `${plural(matched, "run")} would go on`
          : `${plural(redriven.length, "run")} of ${count(matched)} went on`}
        {refused.length > 0 ? `; ${plural(refused.length, "run")} cannot:` : "."}
      </p>
      <ul>
        {refused.slice(0, REFUSED_SHOWN).map(({ run_id: id, why }) => (
          <li key={id}>
            <RunLink id={id} /> <Line text={why} />
          </li>
        ))}
      </ul>
      {refused.length > REFUSED_SHOWN && <p>… and {plural(refused.length - REFUSED_SHOWN, "more", "more")}.</p>}
    </output>
  );
}
