import type { ReactNode } from "react";
import type { ReviewItem } from "../../api/schema.gen.ts";
import { Badge } from "../../parts/badge.tsx";
import { JsonView } from "../../parts/json.tsx";
import { Facts, Section } from "../../parts/page.tsx";
import { Block } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

const LOOK_UP = {
  none: "The tool has no look-up that could say.",
  unknown: "It does not know either.",
  failed: "It failed:",
} as const;

/** A write that was cut off: all that is known of it, and what each answer does. */
export function CutOff({ item: { unknown_outcome: found } }: { item: ReviewItem }): ReactNode {
  if (found === null) return null;
  const { tool, payload, idempotency_key: key, claimed_at: at, attempt, epoch, worker, look_up: lookUp } = found;
  return (
    <Section title="Did this call happen?" aside={<Badge tone="wait">cut off</Badge>}>
      <Facts
        facts={[
          ["Tool", <code key="tool">{tool}</code>],
          ["Claimed", <Time key="at" at={at} ms />],
          ["By", `${worker ?? "a worker"}, lease ${epoch}, attempt ${attempt}`],
          ["Idempotency key", <code key="key">{key}</code>],
        ]}
      />
      <h3>Exact payload</h3>
      <JsonView value={payload} />
      <h3>What its look-up said</h3>
      <p>{LOOK_UP[lookUp.said]}</p>
      {lookUp.message !== undefined && <Block text={lookUp.message} shown={400} />}
      <h3>Your answer</h3>
      <ul>
        <li>
          <strong>Approve</strong>: it did not happen. It is called again, under the same key.
        </li>
        <li>
          <strong>Correct</strong>: it did happen. Its result is what you enter.
        </li>
        <li>
          <strong>Reject</strong>: the run ends here.
        </li>
      </ul>
    </Section>
  );
}
