import { Button, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Review, Run } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Redrive } from "../../parts/redrive.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import type { Shortcut } from "../../parts/shortcut.ts";
import { CancelDialog } from "./cancel.tsx";
import type { Originals } from "./originals.ts";
import { RestartDialog } from "./restart.tsx";
import { RevealDialog } from "./reveal.tsx";

interface RunActionsProps {
  run: Run;
  reviews: readonly Review[];
  originals: Originals | null;
  reveal(originals: Originals | null): void;
}

type Act = "reveal" | "cancel" | "redrive" | "restart";

/** What can be done about a run, for those who may. */
export function RunActions({ run, reviews, originals, reveal }: RunActionsProps): ReactNode {
  const [doing, setDoing] = useState<Act | null>(null);
  const { data: session } = useQuery(sessionQuery);
  const mayAct = atLeast(session, "operator");
  const open = reviews.find(({ status }) => status === "open");
  const navigate = useNavigate();
  const answer = (): void => {
    if (open !== undefined) void navigate({ to: "/reviews/$reviewId", params: { reviewId: open.review_id } });
  };
  const acts = actsOf(run, originals);
  const copy = useCopies(run.run_id);
  useShortcuts("Act on this run", [
    ...(open === undefined ? [] : [{ keys: "a", label: "Answer its review", run: answer }]),
    ...(mayAct ? acts.map(({ act, keys, label }): Shortcut => ({ keys, label, run: () => setDoing(act) })) : []),
    { keys: "y", label: "Copy a link to what is shown", run: copy.link },
  ]);
  const close = (): void => setDoing(null);
  return (
    <>
      {acts.map(({ act, label }) => (
        <Button
          key={act}
          variant={act === "redrive" ? "filled" : "default"}
          disabled={!mayAct}
          title={mayAct ? undefined : "Needs the role operator"}
          onClick={() => setDoing(act)}
        >
          {label}…
        </Button>
      ))}
      <CopyMenu copy={copy} />
      {doing === "reveal" && <RevealDialog runId={run.run_id} onRevealed={reveal} onClose={close} />}
      {doing === "cancel" && <CancelDialog runId={run.run_id} onClose={close} />}
      {doing === "restart" && <RestartDialog run={run} onClose={close} />}
      {doing === "redrive" && <Redrive filter={{ run_id: run.run_id }} expected={1} onClose={close} />}
    </>
  );
}

const RESTARTS: readonly Run["status"][] = ["dead", "waiting", "queued"];

function actsOf(run: Run, originals: Originals | null): { act: Act; label: string; keys: string }[] {
  return [
    ...(run.status === "dead" ? [{ act: "redrive", label: "Redrive", keys: "r" } as const] : []),
    ...(RESTARTS.includes(run.status) ? [{ act: "restart", label: "Restart from a step", keys: "b" } as const] : []),
    ...(originals === null && run.originals_removed_at === null
      ? [{ act: "reveal", label: "Show originals", keys: "v" } as const]
      : []),
    ...(run.ended_at === null ? [{ act: "cancel", label: "Cancel", keys: "x" } as const] : []),
  ];
}

interface Copies {
  link(): void;
  text(what: string, text: string): void;
  commands: readonly string[];
}

function useCopies(runId: string): Copies {
  const { copy } = useClipboard();
  const text = (what: string, value: string): void => {
    copy(value);
    notifications.show({ message: `Copied: ${what}` });
  };
  return {
    text,
    link: () => text("the link", location.href),
    commands: [`sluice runs show ${runId} --trace`, `sluice why ${runId}`],
  };
}

function CopyMenu({ copy }: { copy: Copies }): ReactNode {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} />}>
          Copy
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={copy.link} rightSection={<kbd>y</kbd>}>
          Link to what is shown
        </Menu.Item>
        <Menu.Label>As a command</Menu.Label>
        {copy.commands.map((command) => (
          <Menu.Item key={command} onClick={() => copy.text(command, command)}>
            <code>{command}</code>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
