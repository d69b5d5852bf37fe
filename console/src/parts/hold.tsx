import { Button, Modal, NumberInput, Progress } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/client.ts";
import { workflowsQuery } from "../api/project.ts";
import type { Hold } from "../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../api/session.ts";
import { Badge } from "./badge.tsx";
import { count, plural } from "./format.ts";
import { ReasonField } from "./reason-field.tsx";
import css from "./hold.module.css";
import { Failed } from "./states.tsx";
import { Line } from "./text.tsx";
import { Time } from "./time.tsx";

interface Of {
  workflow: string;
  /** Null where its runs go on as usual. */
  hold: Hold | null;
}

/** That a workflow is on hold: since when, by whom, why, and how its release goes. Nothing where it is not. */
export function HoldBanner({ workflow, hold }: Of): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  if (hold === null) return null;
  const { state, since, by, reason, runs, release } = hold;
  const releasing = state === "releasing" && release !== null;
  return (
    <section className={css["banner"]} aria-label={`${workflow} is on hold`}>
      <div className={css["words"]}>
        <p>
          <Badge tone="wait">{releasing ? "being released" : "on hold"}</Badge> since <Time at={since} /> by{" "}
          <Line text={by} />: <Line text={reason} max={300} />
        </p>
        {releasing ? (
          <>
            <p>
              {count(release.started)} of {plural(release.to_start, "run")} started, at {release.rate}; what came later
              waits until they are.
            </p>
            <Progress
              value={release.to_start === 0 ? 100 : (100 * release.started) / release.to_start}
              aria-label="Started"
            />
          </>
        ) : (
          <p>
            {plural(runs, "run")} in the queue. Events are still accepted; nothing of it is started, reviews can be
            answered.
          </p>
        )}
      </div>
      {atLeast(session, "operator") && (
        <div className={css["acts"]}>
          <Act workflow={workflow} act="resume" label={releasing ? "Change the rate…" : "Resume…"} />
          {releasing && <Act workflow={workflow} act="pause" label="Pause again…" />}
        </div>
      )}
    </section>
  );
}

/** For operators, where it is not on hold. */
export function PauseButton({ workflow, hold }: Of): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  if (hold !== null || !atLeast(session, "operator")) return null;
  return <Act workflow={workflow} act="pause" label="Pause…" />;
}

interface ActProps {
  workflow: string;
  act: "pause" | "resume";
}

function Act({ label, ...of }: ActProps & { label: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && <ActDialog {...of} onClose={() => setOpen(false)} />}
    </>
  );
}

function useAct({ workflow, act }: ActProps, done: () => void): UseMutationResult<Hold, Error, Said> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ reason, rate }: Said) => {
      const params = { name: workflow };
      if (act === "pause") return call("POST /v1/workflows/{name}/pause", { params, body: { reason } });
      const body = { reason, ...(rate === null ? {} : { rate: `${rate}/min` }) };
      return call("POST /v1/workflows/{name}/resume", { params, body });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: workflowsQuery.queryKey });
      done();
    },
  });
}

interface Said {
  reason: string;
  /** Runs a minute, of a resume; null: all at once. */
  rate: number | null;
}

function ActDialog({ workflow, act, onClose }: ActProps & { onClose(): void }): ReactNode {
  const [reason, setReason] = useState("");
  const [rate, setRate] = useState<number | null>(null);
  const mutation = useAct({ workflow, act }, onClose);
  const pausing = act === "pause";
  return (
    <Modal
      opened
      onClose={onClose}
      title={pausing ? `Put ${workflow} on hold` : `Let ${workflow} go on`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate({ reason: reason.trim(), rate });
        }}
      >
        <p>{pausing ? PAUSING : RESUMING}</p>
        <ReasonField reason={reason} onChange={setReason} />
        {!pausing && <RateField rate={rate} onChange={setRate} />}
        {mutation.isError && <Failed error={mutation.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Leave it as it is
          </Button>
          <Button
            type="submit"
            {...(pausing ? { color: "red" } : {})}
            disabled={reason.trim() === ""}
            loading={mutation.isPending}
          >
            {pausing ? "Put on hold" : rate === null ? "Resume all at once" : `Resume at ${rate} a minute`}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const PAUSING =
  "It is in force at once: steps that execute end, no model or tool is called any more. Events are accepted and wait in the queue, and the time does not count against deadlines.";
const RESUMING =
  "With a rate, the runs that stand in the queue are started one after another, by priority and age; then the hold is lifted by itself.";

function RateField({ rate, onChange }: { rate: number | null; onChange(rate: number | null): void }): ReactNode {
  return (
    <NumberInput
      label="Runs a minute"
      description="Empty: all at once."
      min={1}
      max={60_000}
      allowDecimal={false}
      value={rate ?? ""}
      onChange={(value) => onChange(typeof value === "number" && value > 0 ? value : null)}
    />
  );
}
