import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Workflow, WorkflowGraph } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Copy, Id } from "../../parts/copy.tsx";
import { duration, plural, usd, words } from "../../parts/format.ts";
import { Facts, Section } from "../../parts/page.tsx";
import { SchemaTable } from "../../parts/schema-table.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./workflow.module.css";

/** What a workflow is, as it is deployed, and what it decides. */
export function About({ workflow }: { workflow: Workflow }): ReactNode {
  const { on, prompts, tools, thresholds, deadline_ms: deadline, affects, budget, success, file, code } = workflow;
  return (
    <>
      <Section title="As deployed">
        <Facts
          facts={[
            ["Started by", <EventLink key="on" on={on} />],
            ["Prompts", <PromptLinks key="prompts" prompts={prompts} />],
            ["Tools", <ToolLinks key="tools" tools={tools} />],
            ["Thresholds", thresholdWords(thresholds)],
            ["Deadline", deadline === null ? "none" : duration(deadline)],
            ["Budget of a run", budgetWords(budget)],
            ["Affects", <Affects key="affects" affects={affects} />],
            ["Success is measured by", success ?? "nothing yet"],
            ["File", <Id key="file" id={file} what="file" />],
            [
              "Code",
              <span key="code" title={code} className={css["code"]}>
                <code>{code.slice(0, 12)}</code> <Copy text={code} what="hash of the code" />
              </span>,
            ],
          ]}
        />
      </Section>
      <Section title="Decision">
        <SchemaTable schema={workflow.decision_schema} label="Fields of the decision" />
      </Section>
    </>
  );
}

export function EventLink({ on: { type, version } }: Pick<Workflow, "on">): ReactNode {
  return (
    <Link to="/contracts/$type" params={{ type }}>
      {version === undefined ? type : `${type}@${version}`}
    </Link>
  );
}

export function PromptLinks({ prompts }: Pick<Workflow, "prompts">): ReactNode {
  const names = [...new Set(Object.values(prompts))];
  if (names.length === 0) return "none";
  return names.map((name) => (
    <div key={name}>
      <Link to="/prompts/$name" params={{ name }}>
        {name}
      </Link>
    </div>
  ));
}

export function ToolLinks({ tools }: Pick<Workflow, "tools">): ReactNode {
  if (tools.length === 0) return "none";
  return tools.map((name) => (
    <div key={name}>
      <Link to="/tools/$name" params={{ name }}>
        {name}
      </Link>
    </div>
  ));
}

export function thresholdWords(thresholds: Workflow["thresholds"]): string {
  const all = Object.entries(thresholds).map(([name, value]) => `${name} ${value}`);
  return all.length === 0 ? "none" : all.join(", ");
}

function budgetWords({ usd: dollars, model_calls: calls }: Workflow["budget"]): string {
  const all = [
    ...(dollars === undefined ? [] : [usd(dollars)]),
    ...(calls === undefined ? [] : [plural(calls, "model call")]),
  ];
  return all.length === 0 ? "no limit" : all.join(", ");
}

export function Affects({ affects }: Pick<Workflow, "affects">): ReactNode {
  if (affects.length === 0) return "nothing named";
  return (
    <span className={css["tags"]}>
      {affects.map((each) => (
        <Tag key={each}>{words(each)}</Tag>
      ))}
    </span>
  );
}

/** What of the workflow cannot be seen in its source, and how to mend that. */
export function GraphProblems({ problems }: Pick<WorkflowGraph, "problems">): ReactNode {
  if (problems.length === 0) return null;
  return (
    <Section title={`Not all of it can be drawn: ${plural(problems.length, "place")}`}>
      <ul className={css["problems"]}>
        {problems.map(({ file, line, column, code, message, fix }) => (
          <li key={`${file} ${line} ${column} ${code}`}>
            <Id id={line === undefined ? file : `${file}:${line}`} what="place in the source" />{" "}
            <Line text={message} max={400} /> {fix !== undefined && <Line text={fix} max={400} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}
