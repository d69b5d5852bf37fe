import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Workflow } from "../../api/schema.gen.ts";
import css from "./tools.module.css";

interface UsedByProps {
  tool: string;
  workflows: readonly Workflow[] | undefined;
}

export function UsedBy({ tool, workflows }: UsedByProps): ReactNode {
  if (workflows === undefined) return "…";
  const using = workflows.filter(({ tools }) => tools.includes(tool));
  if (using.length === 0) return <span className={css["dim"]}>no workflow</span>;
  return (
    <ul className={css["plain"]}>
      {using.map(({ name }) => (
        <li key={name}>
          <Link to="/workflows/$name" params={{ name }}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  );
}
