import type { Input } from "../../api/client.ts";
import { call } from "../../api/client.ts";
import type { ChangedRelease, Release, ReleaseProposal } from "../../api/schema.gen.ts";
import type { Given } from "./foreseen.tsx";
import { STAGES, compareStages } from "./stages.ts";
import type { Stage } from "./stages.ts";

/** One of the ways down and back; each is one button and a reason. */
export type Act =
  | { kind: "rollback"; to?: number }
  | { kind: "demote" }
  | { kind: "traffic" }
  | { kind: "off" }
  | { kind: "on" }
  | { kind: "revoke"; tool: string };

/** What is chosen of an act, each kind with its own. */
export interface Chosen {
  stage: Stage;
  /** 0 to 1. */
  share: number;
  whenOff: Release["when_off"];
  back: Back;
}

/** What a rollback goes back to; a slot of its own where not all of them go. */
export interface Back {
  to: number | null;
  slot: string | null;
  fallback: boolean;
  inFlight: "review" | "finish";
}

export function firstOf({ stage, share, when_off: whenOff, number }: Release, act: Act): Chosen {
  const lower = STAGES.filter((each) => compareStages(each, stage) < 0 && each !== "off");
  const to = act.kind === "rollback" && act.to !== undefined ? act.to : number - 1;
  return {
    stage: lower.at(-1) ?? "shadow",
    share: Math.floor(share * 50) / 100,
    whenOff,
    back: { to, slot: null, fallback: false, inFlight: "review" },
  };
}

function rollbackOf({ to, slot, fallback, inFlight }: Back): NonNullable<Planned["rollback"]> {
  return {
    ...(fallback ? { fallback: true } : to === null ? {} : { to }),
    ...(slot === null ? {} : { slot }),
    in_flight: inFlight,
  };
}

type Planned = NonNullable<Input<"POST /v1/releases/{workflow}/plan">["body"]>;

/** What is asked of the server to say what it would do. */
export function plannedOf(act: Act, { stage, share, whenOff, back }: Chosen): Planned {
  switch (act.kind) {
    case "rollback":
      return { rollback: rollbackOf(back) };
    case "demote":
      return { change: { stage } };
    case "traffic":
      return { change: { share } };
    case "off":
      return { change: { stage: "off", when_off: whenOff } };
    case "on":
      return { on: true };
    case "revoke":
      return { change: { tools: { revoke: [act.tool] } } };
  }
}

export function send(
  workflow: string,
  act: Act,
  { stage, share, whenOff, back }: Chosen,
  { reason, expected_release: expected, ...pass }: Given,
): Promise<ChangedRelease | ReleaseProposal> {
  const params = { workflow };
  // What lowers is not kept waiting by what somebody else did meanwhile.
  const said = { reason, expected_release: expected, ...pass };
  switch (act.kind) {
    case "rollback":
      return call("POST /v1/releases/{workflow}/rollback", { params, body: { ...rollbackOf(back), ...said } });
    case "demote":
      return call("POST /v1/releases/{workflow}/demote", { params, body: { change: { stage }, reason } });
    case "traffic":
      return call("POST /v1/releases/{workflow}/traffic", { params, body: { share, ...said } });
    case "off":
      return call("POST /v1/releases/{workflow}/off", { params, body: { when_off: whenOff, reason } });
    case "on":
      return call("POST /v1/releases/{workflow}/on", { params, body: said });
    case "revoke":
      return call("POST /v1/releases/{workflow}/demote", {
        params,
        body: { change: { tools: { revoke: [act.tool] } }, reason },
      });
  }
}

interface Words {
  title: string;
  about: string;
  button: string;
}

const AT_ONCE = "It is in force on every live worker within two seconds.";

export function wordsOf({ workflow, stage }: Release, act: Act, { stage: to, share, back }: Chosen): Words {
  switch (act.kind) {
    case "rollback":
      return {
        title: `Roll ${workflow} back`,
        about: `${AT_ONCE} Runs that have not used what is taken away are moved over whole.`,
        button: back.fallback ? "Roll back to the fallback model" : `Roll back to what release ${back.to} served`,
      };
    case "demote":
      return { title: `Demote ${workflow}`, about: `It stands at ${stage}. ${AT_ONCE}`, button: `Demote to ${to}` };
    case "traffic":
      return {
        title: `Reduce the traffic of ${workflow}`,
        about: `Keys outside the share act at most as suggestion: a person decides. No key changes sides but those that leave. ${AT_ONCE}`,
        button: `Reduce to ${Number((share * 100).toPrecision(6))} %`,
      };
    case "off":
      return {
        title: `Switch ${workflow} off`,
        about: `No model and no tool is called any more. ${AT_ONCE}`,
        button: "Switch off",
      };
    case "on":
      return {
        title: `Switch ${workflow} on`,
        about: "It goes back to the stage it had before. That is a raise, and needs what a raise needs.",
        button: "Switch on",
      };
    case "revoke":
      return {
        title: `Take ${act.tool} away from ${workflow}`,
        about: `It is not called any more, in runs that wait too. ${AT_ONCE}`,
        button: `Revoke ${act.tool}`,
      };
  }
}
