import { Alert, Button, Modal } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { ReleaseChange, ReleaseDocument, ReleasePlan, ReleaseProposal } from "../../api/coming.ts";
import { ReasonField } from "../../parts/reason-field.tsx";
import { Loading } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { ChangeForm } from "./change-form.tsx";
import { isEmptyChange } from "./change.ts";
import { isOnlyPeople, PassFields } from "./pass.tsx";
import type { Pass } from "./pass.tsx";
import { useReleaseChange } from "./queries.ts";
import css from "./releases.module.css";
import { Changes, Refused, Requirements } from "./requirements.tsx";
import type { Draft } from "./search.ts";

interface ChangeDialogProps {
  present: ReleaseDocument;
  drafted: ReleaseChange;
  draft: Draft;
}

const TYPING_MS = 300;

/** What a change would do, asked of the server with each edit; nothing is done by it. */
function usePlan(present: ReleaseDocument, change: ReleaseChange): UseQueryResult<ReleasePlan> {
  const { workflow, number } = present;
  return useQuery({
    queryKey: ["releases", workflow, "plan", number, change],
    queryFn: ({ signal }) =>
      call("POST /v1/releases/{workflow}/plan", { params: { workflow }, body: { change }, signal }),
    enabled: !isEmptyChange(change),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** A change is put together, looked at, and put in force, proposed, or forced, each with a reason. */
export function ChangeDialog({ present, drafted, draft }: ChangeDialogProps): ReactNode {
  const isNarrow = useMediaQuery("(max-width: 760px)");
  const [change, setChange] = useState(drafted);
  const [settled] = useDebouncedValue(change, TYPING_MS);
  const [base, setBase] = useState(present.number);
  const said = useRef(draft);
  useEffect(() => {
    said.current = draft;
  });
  useEffect(() => said.current(settled), [settled]);
  const plan = usePlan(present, settled);
  return (
    <Modal
      opened
      onClose={() => draft(null)}
      title={`Change what ${present.workflow} may do`}
      size="min(1120px, 96vw)"
      fullScreen={isNarrow}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {base !== present.number && <Moved present={present} onTake={() => setBase(present.number)} />}
      <div className={css["dialog"]}>
        <ChangeForm present={present} change={change} onChange={setChange} />
        <Foreseen
          present={present}
          change={change}
          plan={plan}
          base={base}
          isStill={settled === change && !plan.isFetching}
          onDone={() => draft(null)}
        />
      </div>
    </Modal>
  );
}

function Moved({ present, onTake }: { present: ReleaseDocument; onTake(): void }): ReactNode {
  const { number, created_by: by, reason } = present;
  return (
    <Alert color="yellow" title={`Release ${number} came in force meanwhile`} className={css["moved"] ?? ""}>
      <p>
        By <Line text={by} max={60} />: <Line text={reason} max={200} />. What you draft is compared with it now.
      </p>
      <Button variant="default" onClick={onTake}>
        Go on from release {number}
      </Button>
    </Alert>
  );
}

interface ForeseenProps {
  present: ReleaseDocument;
  change: ReleaseChange;
  plan: UseQueryResult<ReleasePlan>;
  /** The release that was present when the person last looked. */
  base: number;
  /** What is shown is of what is typed. */
  isStill: boolean;
  onDone(): void;
}

function Foreseen({ present, change, plan, base, isStill, onDone }: ForeseenProps): ReactNode {
  const [reason, setReason] = useState("");
  const [pass, setPass] = useState<Pass>(null);
  const { workflow } = present;
  const promote = useReleaseChange(
    () =>
      call("POST /v1/releases/{workflow}/promote", {
        params: { workflow },
        body: { change, reason: reason.trim(), expected_release: base, ...passed(pass) },
      }),
    (answer) => {
      notifications.show({ message: told(answer) });
      onDone();
    },
  );
  if (isEmptyChange(change))
    return <p className={css["dim"]}>Set something otherwise: what it raises and what it needs is said here.</p>;
  return (
    <form
      className={css["foreseen"]}
      aria-busy={!isStill}
      onSubmit={(event) => {
        event.preventDefault();
        promote.mutate(undefined);
      }}
    >
      {plan.isError && <Refused error={plan.error} />}
      {plan.data === undefined && !plan.isError && <Loading rows={3} />}
      {plan.data !== undefined && !plan.isError && (
        <>
          <Changes changes={plan.data.changes} />
          <Requirements requirements={plan.data.requirements} />
          <ReasonField reason={reason} onChange={setReason} />
          <PassFields plan={plan.data} pass={pass} onPass={setPass} />
          {promote.isError && <Refused error={promote.error} />}
          <div className={css["buttons"]}>
            <Submit
              plan={plan.data}
              pass={pass}
              isReady={isStill && reason.trim() !== "" && base === present.number}
              isBusy={promote.isPending}
            />
          </div>
        </>
      )}
    </form>
  );
}

function passed(pass: Pass): { override?: true; solo?: true } {
  if (pass === null) return {};
  if (pass === "solo") return { solo: true };
  return pass === "override-solo" ? { override: true, solo: true } : { override: true };
}

function told(answer: ReleaseDocument | ReleaseProposal): string {
  return "number" in answer
    ? `Release ${answer.number} is in force`
    : "It is proposed: a second person has to agree, on this page or by sluice release approve";
}

interface SubmitProps {
  plan: ReleasePlan;
  pass: Pass;
  isReady: boolean;
  isBusy: boolean;
}

function Submit({ plan, pass, isReady, isBusy }: SubmitProps): ReactNode {
  const raises = plan.changes.some(({ direction }) => direction === "raise");
  const may = plan.allowed || pass !== null || isOnlyPeople(plan);
  const label =
    pass === "override"
      ? "Propose it past the gate"
      : pass === "override-solo"
        ? "Put in force past the gate, alone"
        : pass === "solo"
          ? "Put in force, alone"
          : !plan.allowed && isOnlyPeople(plan)
            ? "Propose to a second person"
            : raises
              ? "Promote"
              : "Put in force";
  const forced = pass === "override" || pass === "override-solo";
  return (
    <Button type="submit" disabled={!isReady || !may} loading={isBusy} {...(forced ? { color: "red" } : {})}>
      {label}
    </Button>
  );
}
