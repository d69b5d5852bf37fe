import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { percent } from "../../parts/format.ts";
import { Rungs } from "../releases/ladder.tsx";
import { releasesQuery } from "../releases/queries.ts";
import css from "./workflow.module.css";

/** What the workflow may do at present, and the way to where that is changed; its place is kept until it is known. */
export function PresentRelease({ workflow }: { workflow: string }): ReactNode {
  const { data } = useQuery(releasesQuery);
  const release = data?.items.find((each) => each.workflow === workflow);
  if (release === undefined) return <span className={css["release"]} />;
  const { number, stage, share } = release;
  return (
    <Link to="/releases/$workflow" params={{ workflow }} className={css["release"]}>
      <Rungs stage={stage} />
      <span className="num">
        release {number}
        {share < 1 && `, ${percent(share, 0)} of the traffic`}
      </span>
    </Link>
  );
}
