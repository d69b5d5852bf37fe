import { useState } from "react";
import type { ReactNode } from "react";
import type { Contract } from "../../api/schema.gen.ts";
import { Copy } from "../../parts/copy.tsx";
import { Section } from "../../parts/page.tsx";
import { sampleEvent } from "../runs/sample.ts";
import css from "./contracts.module.css";

/** An event that the contract takes, and the two ways to send it. */
export function Send({ contract }: { contract: Contract }): ReactNode {
  const [now] = useState(() => Date.now());
  const event = JSON.stringify(sampleEvent(contract, now), null, 2);
  const trigger = "sluice trigger event.json --wait 20s";
  const curl = [
    `curl ${window.location.origin}/v1/events?wait=20s \\`,
    `  -H "authorization: Bearer $SLUICE_TOKEN" \\`,
    `  -H "content-type: application/json" \\`,
    `  -d @event.json`,
  ].join("\n");
  return (
    <Section title="Send one" aside="A beginning to fill in; sending takes the role operator.">
      <div className={css["stack"]}>
        <Snippet label="event.json" text={event} />
        <Snippet label="On the command line" text={trigger} />
        <Snippet label="Over HTTP" text={curl} />
      </div>
    </Section>
  );
}

function Snippet({ label, text }: { label: string; text: string }): ReactNode {
  return (
    <figure className={css["snippet"]}>
      <figcaption>
        {label}
        <Copy text={text} what={label} />
      </figcaption>
      <pre>{text}</pre>
    </figure>
  );
}
