import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import type { PromptGrant, Release, Tool } from "../../api/schema.gen.ts";
import { toolsQuery } from "../../api/project.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import { percent } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Facts, Section } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";
import { ActDialog } from "./act-dialog.tsx";
import css from "./releases.module.css";
import type { Draft } from "./search.ts";
import { isGranted } from "./change.ts";
import { candidateWords } from "./stages.ts";
import { VersionLink } from "./version-link.tsx";

/** The limits of the stage: to which events and decisions it applies, and what goes to a person all the same. */
export function Limits({ present }: { present: Release }): ReactNode {
  const { share, assign_by: by, scope, automation, sample, thresholds, risk_threshold: risk, when_off: off } = present;
  const rules = Object.entries(thresholds);
  return (
    <Section title="Within it">
      <Facts
        facts={[
          ["Share of the traffic", `${percent(share, 0)}, by ${by}`],
          ["Scope", scope === null ? "every decision" : <code key="scope">{scope}</code>],
          ["Automation rule", automation === null ? "none: it always holds" : <code key="rule">{automation}</code>],
          ["To review at random", sample === 0 ? "none" : `${percent(sample)} of what nobody would see`],
          ["Thresholds", rules.length === 0 ? "none" : rules.map(([name, value]) => `${name} ${value}`).join(", ")],
          ["Writes without a person", `up to ${risk} risk`],
          ["Events while off", off === "hold" ? "are held" : "go to review"],
        ]}
      />
    </Section>
  );
}

/** Which version and model each prompt slot serves, and what is tried beside it. */
export function Slots({ present: { prompts } }: { present: Release }): ReactNode {
  const slots = Object.entries(prompts).map(([slot, grant]) => ({ slot, ...grant }));
  if (slots.length === 0) return null;
  return (
    <Section title="Prompts" flush>
      <Table
        label="Prompts by slot"
        items={slots}
        keyOf={({ slot }) => slot}
        columns={[
          { name: "Slot", render: ({ slot }) => <code>{slot}</code> },
          { name: "Serves", render: ({ prompt, version }) => <VersionLink prompt={prompt} version={version} /> },
          { name: "Model", render: ({ model }) => <code>{model}</code> },
          { name: "Falls back to", render: ({ fallbacks }) => fallbacks.join(", ") || "nothing" },
          { name: "Candidate", render: (slot) => <CandidateCell slot={slot} /> },
        ]}
      />
    </Section>
  );
}

function CandidateCell({ slot: { prompt, candidate } }: { slot: PromptGrant }): ReactNode {
  if (candidate === null) return <span className={css["dim"]}>none</span>;
  return (
    <div className={css["candidate"]}>
      <span>
        <VersionLink prompt={prompt} version={candidate.version} />{" "}
        <Badge tone={candidate.mode === "live" ? "run" : "off"}>{candidateWords(candidate)}</Badge>
      </span>
      <code className={css["dim"]}>{candidate.model}</code>
    </div>
  );
}

interface ToolsProps {
  present: Release;
  mayAct: boolean;
  draft: Draft;
}

/** The tools the workflow may call, and those that were taken away. */
export function Tools({ present, mayAct, draft }: ToolsProps): ReactNode {
  const { tools, revoked } = present;
  const { data: known } = useQuery(toolsQuery);
  const [revoking, setRevoking] = useState<string | null>(null);
  const rows = [...new Set([...tools, ...revoked])].map((tool) => ({ tool, mayCall: isGranted(present, tool) }));
  return (
    <Section title="Tools" flush>
      {rows.length === 0 ? (
        <Empty title="The workflow calls no tools." />
      ) : (
        <Table
          label="Tools"
          items={rows}
          keyOf={({ tool }) => tool}
          columns={[
            {
              name: "Tool",
              render: ({ tool }) => (
                <Link to="/tools/$name" params={{ name: tool }}>
                  {tool}
                </Link>
              ),
            },
            {
              name: "What it does",
              render: ({ tool }) => effectWords(known?.items.find(({ name }) => name === tool)),
            },
            {
              name: "Grant",
              render: ({ mayCall }) => (mayCall ? <Tag>granted</Tag> : <Badge tone="bad">revoked</Badge>),
            },
            {
              name: "",
              num: true,
              render: ({ tool, mayCall }) =>
                mayAct && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={`${mayCall ? "Revoke" : "Grant"} ${tool}`}
                    onClick={() => (mayCall ? setRevoking(tool) : draft({ tools: { grant: [tool] } }))}
                  >
                    {mayCall ? "Revoke…" : "Grant…"}
                  </Button>
                ),
            },
          ]}
        />
      )}
      {revoking !== null && (
        <ActDialog present={present} act={{ kind: "revoke", tool: revoking }} onClose={() => setRevoking(null)} />
      )}
    </Section>
  );
}

function effectWords(tool: Tool | undefined): string {
  if (tool === undefined) return "–";
  return tool.effect === "write" ? `write, ${tool.risk} risk` : "read";
}
