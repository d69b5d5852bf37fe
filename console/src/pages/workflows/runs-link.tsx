import { Link } from "@tanstack/react-router";
import { createContext, useContext } from "react";
import type { ReactNode } from "react";
import type { RunsSearch } from "../runs/search.ts";
import type { Window } from "./search.ts";

/** The workflow that is looked at, and the window its figures are of. */
export interface Looked {
  workflow: string;
  window: Window;
  /** Runs of the window; 0 before there were any. */
  runs: number;
}

export const LookedAt = createContext<Looked>({ workflow: "", window: { since: "24h" }, runs: 0 });

/** The filters that find the runs behind a figure. */
export function useRunsBehind(): (filters: RunsSearch) => RunsSearch {
  const { workflow, window } = useContext(LookedAt);
  return (filters) => ({ workflow, ...window, ...filters });
}

/** A figure that leads to its runs. */
export function RunsLink({ filters, label, title, className, children }: RunsLinkProps): ReactNode {
  const behind = useRunsBehind();
  return (
    <Link
      to="/runs"
      search={behind(filters)}
      {...(label === undefined ? {} : { "aria-label": label })}
      {...(title === undefined ? {} : { title })}
      {...(className === undefined ? {} : { className })}
    >
      {children}
    </Link>
  );
}

interface RunsLinkProps {
  filters: RunsSearch;
  /** Said instead of what is shown. */
  label?: string;
  title?: string;
  className?: string | undefined;
  children: ReactNode;
}

/** The runs that took a way; where the runs know it by several names, the node it leads to tells them apart. */
export function filtersOfWay({ from, to, members }: WayLike): RunsSearch {
  const [one] = members;
  return one === undefined ? { edge_from: from, edge_to: to } : { edge_from: one.from, edge_to: one.to };
}

export interface WayLike {
  from: string;
  to: string;
  members: readonly { from: string; to: string }[];
}
