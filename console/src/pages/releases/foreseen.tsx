import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Input } from "../../api/client.ts";
import type { ChangedRelease, ReleasePlan, ReleaseProposal } from "../../api/schema.gen.ts";
import { ReasonField } from "../../parts/reason-field.tsx";
import { Loading } from "../../parts/states.tsx";
import { passed, passLabel, PassFields } from "./pass.tsx";
import type { Pass } from "./pass.tsx";
import { useReleaseChange } from "./queries.ts";
import css from "./releases.module.css";
import { Changes, Refused, Requirements } from "./requirements.tsx";

type Planned = Input<"POST /v1/releases/{workflow}/plan">["body"];

/** What a change would do, asked of the server; nothing is done by it. Undefined: nothing is asked. */
export function usePlan(workflow: string, number: number, planned: Planned | undefined): UseQueryResult<ReleasePlan> {
  return useQuery({
    queryKey: ["releases", workflow, "plan", number, planned],
    queryFn: ({ signal }) =>
      call("POST /v1/releases/{workflow}/plan", { params: { workflow }, body: planned ?? {}, signal }),
    enabled: planned !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export interface Given {
  reason: string;
  expected_release: number;
  override?: true;
  solo?: true;
}

interface ForeseenProps {
  plan: UseQueryResult<ReleasePlan>;
  /** The release that was present when the person last looked. */
  base: number;
  /** What is shown is of what is chosen, and of the release that is present. */
  isReady: boolean;
  /** In place of what the button says by itself of a change that needs nothing. */
  label?: string;
  send(given: Given): Promise<ChangedRelease | ReleaseProposal>;
  onDone(): void;
}

/** What a change changes, what it needs, why it is made, and the button that makes it. */
export function Foreseen({ plan, base, isReady, label, send, onDone }: ForeseenProps): ReactNode {
  const [reason, setReason] = useState("");
  const [chosen, setPass] = useState<Pass>(null);
  const change = useReleaseChange(
    (pass: Pass) => send({ reason: reason.trim(), expected_release: base, ...passed(pass) }),
    (answer) => {
      notifications.show({ message: told(answer) });
      onDone();
    },
  );
  if (plan.isError) return <Refused error={plan.error} />;
  if (plan.data === undefined) return <Loading rows={3} />;
  const { changes, requirements, outcome } = plan.data;
  // A way that was chosen for another plan is none of this one.
  const pass = outcome === "refused" ? (chosen === "solo" ? null : chosen) : outcome === "proposal" && chosen === "solo" ? "solo" : null; // prettier-ignore
  const says = passLabel(plan.data, pass);
  const isForced = pass === "override" || pass === "override-solo";
  return (
    <form
      className={css["foreseen"]}
      aria-busy={!isReady}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(pass);
      }}
    >
      <Changes changes={changes} />
      <Requirements requirements={requirements} />
      <ReasonField reason={reason} onChange={setReason} />
      <PassFields plan={plan.data} pass={pass} onPass={setPass} />
      {change.isError && <Refused error={change.error} />}
      <div className={css["buttons"]}>
        <Button
          type="submit"
          disabled={!isReady || says === null || reason.trim() === ""}
          loading={change.isPending}
          {...(isForced ? { color: "red" } : {})}
        >
          {outcome === "release" && label !== undefined ? label : (says ?? "Promote")}
        </Button>
      </div>
    </form>
  );
}

function told(answer: ChangedRelease | ReleaseProposal): string {
  if ("number" in answer) return `Release ${answer.number} is in force`;
  return "It is proposed: it comes in force when a second person agrees, on this page or by sluice release approve";
}
