import { Button } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Release } from "../../api/schema.gen.ts";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { ActDialog } from "./act-dialog.tsx";
import type { Act } from "./act.ts";
import type { Draft } from "./search.ts";

interface ActsProps {
  present: Release;
  mayAct: boolean;
  draft: Draft;
}

interface Listed {
  act: Act;
  label: string;
  keys: string;
}

/** One button for each way down and back, and one for every other change. */
export function ReleaseActs({ present, mayAct, draft }: ActsProps): ReactNode {
  const [doing, setDoing] = useState<Act | null>(null);
  const acts = actsOf(present);
  const hint = mayAct ? undefined : "Needs the role operator";
  useShortcuts(
    "Release",
    mayAct
      ? [
          { keys: "c", label: "Draft a change", run: () => draft({}) },
          ...acts.map(({ act, label, keys }) => ({ keys, label, run: () => setDoing(act) })),
        ]
      : [],
  );
  return (
    <>
      {acts.map(({ act, label }) => (
        <Button
          key={act.kind}
          variant="default"
          disabled={!mayAct}
          title={hint}
          {...(act.kind === "off" ? { color: "red", variant: "outline" } : {})}
          onClick={() => setDoing(act)}
        >
          {label}…
        </Button>
      ))}
      <Button disabled={!mayAct} title={hint} onClick={() => draft({})}>
        Change…
      </Button>
      {doing !== null && <ActDialog present={present} act={doing} onClose={() => setDoing(null)} />}
    </>
  );
}

function actsOf({ stage, number }: Release): Listed[] {
  const isOff = stage === "off";
  return [
    ...(number > 1 ? [{ act: { kind: "rollback" } as const, label: "Roll back", keys: "b" }] : []),
    ...(isOff
      ? [{ act: { kind: "on" } as const, label: "Switch on", keys: "o" }]
      : [
          { act: { kind: "traffic" } as const, label: "Reduce traffic", keys: "t" },
          ...(stage === "shadow" ? [] : [{ act: { kind: "demote" } as const, label: "Demote", keys: "d" }]),
          { act: { kind: "off" } as const, label: "Switch off", keys: "o" },
        ]),
  ];
}
