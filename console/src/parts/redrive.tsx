import { Button, Modal, NumberInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Input } from "../api/client.ts";
import type { RedriveReport } from "../api/schema.gen.ts";
import { RunLink } from "./badge.tsx";
import { count, plural } from "./format.ts";
import { redriveNow } from "./redrive-call.ts";
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
    mutationFn: (dryRun: boolean) => redriveNow({ filter, limit, dry_run: dryRun, reason: reason.trim() }),
    onSuccess: async ({ dry_run: dryRun }) => {
      if (!dryRun) await client.invalidateQueries();
    },
  });
  const { data: report, error, isPending, mutate } = redrive;
  return (
    <Modal opened onClose={onClose} title="Redrive dead runs" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <p className={css["about"]}>
        A redriven run goes on from the step that failed, on the code that is deployed now. What has been written stays
        written and is not repeated.
      </p>
      <div className={css["form"]}>
        {report?.dry_run !== false && (
          <>
            <Reason value={reason} onChange={setReason} />
            {filter.run_id === undefined && <Limit value={limit} onChange={setLimit} />}
          </>
        )}
        {report !== undefined && <Report report={report} />}
        {error !== null && <Failed error={error} />}
        {report === undefined && <p className={css["about"]}>It is counted first; then it can be done.</p>}
        <div className={css["buttons"]}>
          {report?.dry_run === false ? (
            <Button onClick={onClose}>Close</Button>
          ) : (
            <Acts report={report} ready={reason.trim() !== ""} busy={isPending} onAct={mutate} />
          )}
        </div>
      </div>
    </Modal>
  );
}

interface ActsProps {
  report: RedriveReport | undefined;
  ready: boolean;
  busy: boolean;
  onAct: (dryRun: boolean) => void;
}

function Acts({ report, ready, busy, onAct }: ActsProps): ReactNode {
  const matched = report?.matched ?? 0;
  return (
    <>
      <Button variant="default" disabled={!ready} loading={busy} onClick={() => onAct(true)}>
        Count without doing it
      </Button>
      <Button disabled={!ready || matched === 0} loading={busy} onClick={() => onAct(false)}>
        {matched === 0 ? "Redrive" : `Redrive ${plural(matched, "run")}`}
      </Button>
    </>
  );
}

function Reason({ value, onChange }: { value: string; onChange: (reason: string) => void }): ReactNode {
  return (
    <Textarea
      label="Reason"
      description="It is put on record with your name."
      required
      autosize
      minRows={2}
      maxLength={1_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  );
}

function Limit({ value, onChange }: { value: number; onChange: (limit: number) => void }): ReactNode {
  return (
    <NumberInput
      label="At most"
      description="The newest come first: begin with a few where you are not sure."
      min={1}
      max={MOST}
      value={value}
      onChange={(limit) => onChange(Number(limit) || 1)}
    />
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
