import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DeadLetterGroup } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import { meaningOf } from "../../parts/failure-classes.ts";
import { count, words } from "../../parts/format.ts";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./dead-letters.module.css";

interface GroupProps {
  id: string;
  group: DeadLetterGroup;
  since: string | undefined;
  isHere: boolean;
  onFocus: () => void;
  /** Absent where one may only look. */
  onRedrive?: () => void;
}

/** Dead runs that died at the same step for the same reason. */
export function Group({ id, group, since, isHere, onFocus, onRedrive }: GroupProps): ReactNode {
  const meaning = meaningOf(group);
  return (
    <li className={css["group"]} data-here={isHere || undefined}>
      <Link
        id={id}
        onFocus={onFocus}
        className={css["count"]}
        to="/runs"
        search={{ fingerprint: group.fingerprint, status: "dead", ...(since === undefined ? {} : { since }) }}
        title="List these runs"
      >
        {count(group.count)}
      </Link>
      <div className={css["what"]}>
        <h2 className={css["head"]}>
          <Badge tone="bad" title={meaning.means}>
            {words(group.class)}
          </Badge>
          <span>
            {group.step === null ? "outside any step" : <Line text={group.step} />} of{" "}
            <Link to="/workflows/$name" params={{ name: group.workflow }}>
              {group.workflow}
            </Link>
          </span>
          <code className={css["code"]}>{group.code}</code>
        </h2>
        <p className={css["message"]}>
          <Line text={group.message} max={240} />
        </p>
        <p className={css["next"]}>{meaning.next}</p>
        <p className={css["when"]}>
          first <Time at={group.first_at} relative /> · last <Time at={group.last_at} relative /> ·{" "}
          <Link to="/dead-letters/$runId" params={{ runId: group.example_run_id }}>
            an example
          </Link>
        </p>
      </div>
      {onRedrive !== undefined && (
        <Button variant="default" onClick={onRedrive}>
          Redrive…
        </Button>
      )}
    </li>
  );
}
