import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Workflow } from "../../api/schema.gen.ts";
import css from "./prompts.module.css";

interface WhereUsedProps {
  prompt: string;
  workflows: readonly Workflow[] | undefined;
}

/** The workflows that call the prompt, each with the slot it is called by. */
export function WhereUsed({ prompt, workflows }: WhereUsedProps): ReactNode {
  if (workflows === undefined) return "…";
  const used = workflows.flatMap(({ name, prompts }) =>
    Object.entries(prompts)
      .filter(([, each]) => each.split("@")[0] === prompt)
      .map(([slot]) => ({ workflow: name, slot })),
  );
  if (used.length === 0) return <span className={css["dim"]}>no workflow</span>;
  return (
    <ul className={css["used"]}>
      {used.map(({ workflow, slot }) => (
        <li key={`${workflow} ${slot}`}>
          <Link to="/workflows/$name" params={{ name: workflow }}>
            {workflow}
          </Link>{" "}
          <span className={css["dim"]}>as {slot}</span>
        </li>
      ))}
    </ul>
  );
}
