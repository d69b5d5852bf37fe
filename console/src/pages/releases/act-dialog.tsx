import { Button, Modal, NativeSelect, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { ReleaseDocument, ReleaseProposal } from "../../api/coming.ts";
import { ReasonField } from "../../parts/reason-field.tsx";
import { compareStages, STAGES } from "./stages.ts";
import type { Stage } from "./stages.ts";
import { differences } from "./difference.ts";
import { DifferenceList } from "./difference-list.tsx";
import { historyQuery, useReleaseChange } from "./queries.ts";
import css from "./releases.module.css";
import { Refused } from "./requirements.tsx";

/** One of the ways down and back; each is one button and a reason. */
export type Act =
  | { kind: "rollback"; to?: number }
  | { kind: "demote" }
  | { kind: "traffic" }
  | { kind: "off" }
  | { kind: "on" }
  | { kind: "revoke"; tool: string };

interface ActDialogProps {
  present: ReleaseDocument;
  act: Act;
  onClose(): void;
}

/** What is chosen of an act, each kind with its own. */
interface Chosen {
  stage: Stage;
  /** Per cent. */
  share: number;
  whenOff: ReleaseDocument["when_off"];
  to: number;
}

export function ActDialog({ present, act, onClose }: ActDialogProps): ReactNode {
  const [reason, setReason] = useState("");
  const [chosen, setChosen] = useState(() => firstOf(present, act));
  const mutation = useReleaseChange(
    () => send(present, act, chosen, reason.trim()),
    (answer) => {
      notifications.show({
        message: "number" in answer ? `Release ${answer.number} is in force` : "It waits for a second person to agree",
      });
      onClose();
    },
  );
  const { title, about, button, isDanger } = wordsOf(present, act, chosen);
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate(undefined);
        }}
      >
        <p className={css["dim"]}>{about}</p>
        <Fields present={present} act={act} chosen={chosen} onChange={(part) => setChosen({ ...chosen, ...part })} />
        <ReasonField reason={reason} onChange={setReason} />
        {mutation.isError && <Refused error={mutation.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Leave it as it is
          </Button>
          <Button
            type="submit"
            {...(isDanger ? { color: "red" } : {})}
            disabled={reason.trim() === ""}
            loading={mutation.isPending}
          >
            {button}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function firstOf({ stage, share, when_off: whenOff, number }: ReleaseDocument, act: Act): Chosen {
  const lower = STAGES.filter((each) => compareStages(each, stage) < 0 && each !== "off");
  return {
    stage: lower.at(-1) ?? "shadow",
    share: Math.floor((share * 100) / 2),
    whenOff,
    to: act.kind === "rollback" && act.to !== undefined ? act.to : number - 1,
  };
}

function send(
  { workflow }: ReleaseDocument,
  act: Act,
  { stage, share, whenOff, to }: Chosen,
  reason: string,
): Promise<ReleaseDocument | ReleaseProposal> {
  const params = { workflow };
  switch (act.kind) {
    case "rollback":
      return call("POST /v1/releases/{workflow}/rollback", { params, body: { to, reason } });
    case "demote":
      return call("POST /v1/releases/{workflow}/demote", { params, body: { stage, reason } });
    case "traffic":
      return call("POST /v1/releases/{workflow}/traffic", { params, body: { share: share / 100, reason } });
    case "off":
      return call("POST /v1/releases/{workflow}/off", { params, body: { when_off: whenOff, reason } });
    case "on":
      return call("POST /v1/releases/{workflow}/on", { params, body: { reason } });
    case "revoke":
      return call("POST /v1/releases/{workflow}/promote", {
        params,
        body: { change: { tools: { revoke: [act.tool] } }, reason },
      });
  }
}

interface Words {
  title: string;
  about: string;
  button: string;
  isDanger: boolean;
}

const AT_ONCE = "It is in force on every live worker within two seconds.";

function wordsOf({ workflow, stage }: ReleaseDocument, act: Act, chosen: Chosen): Words {
  switch (act.kind) {
    case "rollback":
      return {
        title: `Roll ${workflow} back`,
        about: `A new release is made that does what the chosen one did. ${AT_ONCE} Runs that have not asked the version that goes are moved over; those that have, and have not decided, go to a person.`,
        button: `Roll back to what ${chosen.to} did`,
        isDanger: true,
      };
    case "demote":
      return { title: `Demote ${workflow}`, about: `It stands at ${stage}. ${AT_ONCE}`, button: `Demote to ${chosen.stage}`, isDanger: true }; // prettier-ignore
    case "traffic":
      return {
        title: `Reduce the traffic of ${workflow}`,
        about: `Keys outside the share act at most as suggestion: a person decides. No key changes sides but those that leave. ${AT_ONCE}`,
        button: `Reduce to ${chosen.share} %`,
        isDanger: true,
      };
    case "off":
      return {
        title: `Switch ${workflow} off`,
        about: `No model and no tool is called any more. ${AT_ONCE}`,
        button: "Switch off",
        isDanger: true,
      };
    case "on":
      return {
        title: `Switch ${workflow} on`,
        about:
          "It goes back to what it did before it was switched off, which is a raise: it needs the evidence of one.",
        button: "Switch on",
        isDanger: false,
      };
    case "revoke":
      return {
        title: `Take ${act.tool} away from ${workflow}`,
        about: `It is not called any more, in runs that wait too. ${AT_ONCE}`,
        button: `Revoke ${act.tool}`,
        isDanger: true,
      };
  }
}

interface FieldsProps {
  present: ReleaseDocument;
  act: Act;
  chosen: Chosen;
  onChange(part: Partial<Chosen>): void;
}

function Fields({ present, act, chosen, onChange }: FieldsProps): ReactNode {
  switch (act.kind) {
    case "rollback":
      return <To present={present} to={chosen.to} onChange={(to) => onChange({ to })} />;
    case "demote":
      return (
        <NativeSelect
          label="To stage"
          size="xs"
          data={STAGES.filter((stage) => compareStages(stage, present.stage) < 0 && stage !== "off")}
          value={chosen.stage}
          onChange={({ currentTarget }) => onChange({ stage: currentTarget.value as Stage })}
        />
      );
    case "traffic":
      return (
        <NumberInput
          label="Share of the traffic"
          description={`${Number((present.share * 100).toPrecision(6))} % at present`}
          min={0}
          max={present.share * 100}
          suffix=" %"
          value={chosen.share}
          onChange={(share) => typeof share === "number" && onChange({ share })}
        />
      );
    case "off":
      return (
        <NativeSelect
          label="Events that come meanwhile"
          size="xs"
          data={[
            { value: "hold", label: "are held until it is switched on" },
            { value: "review", label: "go to review: a person decides each" },
          ]}
          value={chosen.whenOff}
          onChange={({ currentTarget }) => onChange({ whenOff: currentTarget.value === "review" ? "review" : "hold" })}
        />
      );
    default:
      return null;
  }
}

/** Which release to go back to, and what that changes. */
function To({
  present,
  to,
  onChange,
}: {
  present: ReleaseDocument;
  to: number;
  onChange(to: number): void;
}): ReactNode {
  const { data } = useQuery(historyQuery(present.workflow));
  const earlier = (data?.items ?? []).filter(({ number }) => number < present.number);
  const target = earlier.find(({ number }) => number === to);
  return (
    <>
      <NativeSelect
        label="To what this release did"
        size="xs"
        data={earlier.map(({ number, stage, reason }) => ({
          value: String(number),
          label: `${number} · ${stage} · ${reason.slice(0, 60)}`,
        }))}
        value={String(to)}
        onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
      {target !== undefined && <DifferenceList differences={differences(present, target)} />}
    </>
  );
}
