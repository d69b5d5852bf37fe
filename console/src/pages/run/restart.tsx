import { Button, Checkbox, Modal, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Answer } from "../../api/client.ts";
import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import { Failed } from "../../parts/states.tsx";
import { traceQuery } from "./queries.ts";
import { ReasonField } from "../../parts/reason-field.tsx";
import css from "./run.module.css";

type Report = Answer<"POST /v1/runs/{id}/restart">;

/** A call of a step that a run can be sent back to. */
interface Place {
  name: string;
  key: string;
}

const MEANS =
  "That step and all that was recorded after it are set aside: they stay on record, and present code is asked anew. A write that was claimed stays and is never repeated.";

/** Sends a run back to a step: what that sets aside is shown before it is done. */
export function RestartDialog({ run, onClose }: { run: Run; onClose(): void }): ReactNode {
  const client = useQueryClient();
  const places = placesOf(useQuery(traceQuery(run.run_id)).data ?? []);
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [unpin, setUnpin] = useState(false);
  const at = chosen ?? suggested(run, places);
  const place = places.find((each) => idOf(each) === at);
  const send = (dryRun: boolean): Promise<Report> =>
    call("POST /v1/runs/{id}/restart", {
      params: { id: run.run_id },
      body: {
        ...(place === undefined ? {} : { from: place.name, ...(place.key === "" ? {} : { key: place.key }) }),
        unpin,
        dry_run: dryRun,
        reason: dryRun ? "a look at what it would do" : reason.trim(),
      },
    });
  const isAsked = place !== undefined || unpin;
  const ahead = useQuery({
    queryKey: ["run", run.run_id, "restart", at, unpin],
    queryFn: () => send(true),
    enabled: isAsked,
    retry: false,
  });
  const restart = useMutation({
    mutationFn: () => send(false),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: ["run", run.run_id] });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Restart from a step" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          restart.mutate();
        }}
      >
        <p>{MEANS}</p>
        <Choice {...{ run, places, at, choose: setChosen, unpin, setUnpin }} />
        {ahead.data !== undefined && <Ahead report={ahead.data} />}
        {ahead.isError && <Failed error={ahead.error} />}
        <ReasonField reason={reason} onChange={setReason} />
        {restart.isError && <Failed error={restart.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          <Button type="submit" disabled={reason.trim() === "" || !isAsked} loading={restart.isPending}>
            Restart
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface ChoiceProps {
  run: Run;
  places: readonly Place[];
  at: string;
  choose(at: string): void;
  unpin: boolean;
  setUnpin(unpin: boolean): void;
}

/** Which step, and for a pinned run whether it stays so. */
function Choice({ run, places, at, choose, unpin, setUnpin }: ChoiceProps): ReactNode {
  return (
    <>
      <NativeSelect
        label="From step"
        value={at}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={[
          ...(run.pinned_code === null ? [] : [{ value: "", label: "none: go on where it is" }]),
          ...places.map((each) => ({
            value: idOf(each),
            label: each.key === "" ? each.name : `${each.name} · ${each.key}`,
          })),
        ]}
      />
      {run.pinned_code !== null && (
        <Checkbox
          label="Let any code resume it from now on"
          checked={unpin}
          onChange={({ currentTarget }) => setUnpin(currentTarget.checked)}
        />
      )}
    </>
  );
}

/** What would be set aside, and what stays. */
function Ahead({ report: { set_aside: aside, kept, withdrawn_reviews: withdrawn } }: { report: Report }): ReactNode {
  return (
    <ul>
      <li>Set aside: {aside.length === 0 ? "nothing" : aside.join(", ")}</li>
      {kept.map(({ step, tool, settled }) => (
        <li key={step}>
          “{step}” ({tool}) {settled ? "has happened and stays" : "was claimed: what came of it is found out first"}
        </li>
      ))}
      {withdrawn.length > 0 && <li>{plural(withdrawn.length, "review")} will be withdrawn</li>}
    </ul>
  );
}

const APPROVED = "@approved";

/** The calls on record that the run goes by, each once, in order. */
function placesOf(trace: readonly TraceStep[]): Place[] {
  const places = new Map<string, Place>();
  for (const { name, key = "", type, set_aside_by: aside } of trace) {
    if (aside !== undefined || type === "trigger" || type === "override" || name.startsWith("@")) continue;
    const place = { name, key: key.endsWith(APPROVED) ? key.slice(0, -APPROVED.length) : key };
    places.set(idOf(place), place);
  }
  return [...places.values()];
}

function idOf({ name, key }: Place): string {
  return `${name}\n${key}`;
}

/** Where present code and record part; else the last step. */
function suggested(run: Run, places: readonly Place[]): string {
  const { divergence } = (run.failure?.detail ?? {}) as { divergence?: { step: string; key?: string } };
  const parted = divergence === undefined ? undefined : idOf({ name: divergence.step, key: divergence.key ?? "" });
  const found = places.find((each) => idOf(each) === parted) ?? places.at(-1);
  return found === undefined ? "" : idOf(found);
}
