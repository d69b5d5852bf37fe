import { Button } from "@mantine/core";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Release } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { releaseQuery } from "../releases/queries.ts";
import { Refused } from "../releases/requirements.tsx";
import css from "./prompts.module.css";

interface TryProps {
  prompt: string;
  version: string;
  workflows: readonly string[];
  /** Why it was written. */
  reason?: string | undefined;
}

/** One click for each place that serves another version: asked beside it from then on, without effect. */
export function TryInShadow({ prompt, version, workflows, reason }: TryProps): ReactNode {
  const releases = useQueries({ queries: workflows.map((workflow) => releaseQuery(workflow)) });
  const places = releases.flatMap(({ data }) =>
    data === undefined ? [] : placesOf(data, prompt).map((slot) => ({ present: data, slot })),
  );
  return (
    <ul className={css["used"]} aria-label="Try it in shadow">
      {places.map(({ present, slot }) => (
        <li key={`${present.workflow} ${slot}`}>
          <Place present={present} slot={slot} version={version} reason={reason} />
        </li>
      ))}
    </ul>
  );
}

function placesOf({ prompts }: Release, prompt: string): string[] {
  return Object.entries(prompts).flatMap(([slot, grant]) => (grant.prompt === prompt ? [slot] : []));
}

interface PlaceProps {
  present: Release;
  slot: string;
  version: string;
  reason: string | undefined;
}

function Place({ present, slot, version, reason }: PlaceProps): ReactNode {
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const { workflow, prompts, number } = present;
  const grant = prompts[slot];
  const begin = useMutation({
    mutationFn: () =>
      call("POST /v1/releases/{workflow}/promote", {
        params: { workflow },
        body: {
          change: { prompts: { [slot]: { candidate: { version, share: 1, mode: "shadow" } } } },
          reason: `${version} is tried in shadow${reason === undefined || reason === "" ? "" : `: ${reason}`}`,
          expected_release: number,
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["releases"] }),
  });
  const link = (
    <Link to="/releases/$workflow" params={{ workflow }}>
      {workflow}
    </Link>
  );
  if (grant === undefined) return null;
  if (grant.version === version)
    return (
      <>
        <Badge tone="ok">serves</Badge> {link} as {slot}
      </>
    );
  if (grant.candidate?.version === version)
    return (
      <>
        <Badge tone="run">{grant.candidate.mode} candidate</Badge> in {link} as {slot}
      </>
    );
  return (
    <>
      <Button
        variant="light"
        size="compact-sm"
        disabled={!atLeast(session, "operator")}
        title={atLeast(session, "operator") ? undefined : "Needs the role operator"}
        loading={begin.isPending}
        onClick={() => begin.mutate()}
      >
        Try it in shadow
      </Button>{" "}
      in {link} as {slot}
      {grant.candidate !== null && `, in place of ${grant.candidate.version}`}
      {begin.isError && <Refused error={begin.error} />}
    </>
  );
}
