import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RunsSearch } from "../pages/runs/search.ts";
import { count } from "./format.ts";

interface RunsLinkProps {
  /** Undefined while it is not known. */
  n: number | undefined;
  /** Which runs they are. */
  search: RunsSearch;
  /** What is counted, for those who hear only the link. */
  what: string;
}

/** A number that leads to the runs behind it. */
export function RunsLink({ n, search, what }: RunsLinkProps): ReactNode {
  return (
    <Link to="/runs" search={search} title={what} aria-label={n === undefined ? what : `${count(n)}: ${what}`}>
      <span className="num">{n === undefined ? "…" : count(n)}</span>
    </Link>
  );
}
