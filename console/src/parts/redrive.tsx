import { Button, Modal, NumberInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Input } from "../api/client.ts";
import type { RedriveReport } from "../api/schema.gen.ts";
import { RunLink } from "./badge.tsx";
import { count, plural } from "./format.ts";
import { redriveCarefully, redriveNow } from "./redrive-call.ts";
import { CareFields, careFor } from "./redrive-care.tsx";
import type { Care } from "./redrive-care.tsx";
import { RedriveProgress } from "./redrive-job.tsx";
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
  const whole = filter.run_id === undefined;
  const [reason, setReason] = useState("");
  const [care, setCare] = useState(whole ? careFor(expected) : null);
  const [limit, setLimit] = useState(Math.min(Math.max(expected, 1), MOST));
  const order = { filter, reason: reason.trim() };
  const redrive = useMutation({
    mutationFn: (dryRun: boolean) => redriveNow({ ...order, limit, dry_run: dryRun }),
    onSuccess: async ({ dry_run: dryRun }) => {
      if (!dryRun) await client.invalidateQueries();
    },
  });
  const begin = useMutation({
    mutationFn: (how: Care) => redriveCarefully({ ...order, ...asked(how) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["runs"] }),
  });
  const { data: report } = redrive;
  const isOver = report?.dry_run === false || begin.data !== undefined;
  const error = redrive.error ?? begin.error;
  return (
    <Modal opened onClose={onClose} title="Redrive dead runs" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <p className={css["about"]}>
        A redriven run goes on from the step that failed, on the code that is deployed now. What has been written stays
        written and is not repeated.
      </p>
      <div className={css["form"]}>
        {!isOver && (
          <>
            <Reason value={reason} onChange={setReason} />
            {whole && <CareFields care={care} onChange={setCare} />}
            {whole && care === null && <Limit value={limit} onChange={setLimit} />}
          </>
        )}
        {begin.data !== undefined ? (
          <RedriveProgress redrive={begin.data} />
        ) : (
          report !== undefined && <Report report={report} />
        )}
        {error !== null && <Failed error={error} />}
        {report === undefined && <p className={css["about"]}>It is counted first; then it can be done.</p>}
        <div className={css["buttons"]}>
          {isOver ? (
            <Button onClick={onClose}>Close</Button>
          ) : (
            <Acts
              report={report}
              care={care}
              limit={limit}
              ready={reason.trim() !== ""}
              busy={redrive.isPending || begin.isPending}
              onCount={() => redrive.mutate(true)}
              onAct={() => (care === null ? redrive.mutate(false) : begin.mutate(care))}
            />
          )}
        </div>
      </div>
    </Modal>
  );
}

function asked({ canary, rate, stopAt }: Care): {
  canary: number;
  rate?: string;
  stop_on_failure_rate: number;
} {
  return { canary, ...(rate === null ? {} : { rate: `${rate}/min` }), stop_on_failure_rate: stopAt / 100 };
}

interface ActsProps {
  report: RedriveReport | undefined;
  care: Care | null;
  limit: number;
  ready: boolean;
  busy: boolean;
  onCount: () => void;
  onAct: () => void;
}

function Acts({ report, care, limit, ready, busy, onCount, onAct }: ActsProps): ReactNode {
  const matched = report?.matched ?? 0;
  const first = Math.min(matched, care === null ? limit : care.canary);
  return (
    <>
      <Button variant="default" disabled={!ready} loading={busy} onClick={onCount}>
        Count without doing it
      </Button>
      <Button disabled={!ready || matched === 0} loading={busy} onClick={onAct}>
        {matched === 0 ? "Redrive" : care === null ? `Redrive ${plural(first, "run")}` : `Begin with ${count(first)}`}
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
      description="The oldest come first: begin with a few where you are not sure."
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
