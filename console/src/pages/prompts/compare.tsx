import { SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { Diff } from "../../parts/diff.tsx";
import { Section } from "../../parts/page.tsx";
import { Block } from "../../parts/text.tsx";
import css from "./prompts.module.css";
import { PARTS, promptSearch } from "./search.ts";
import type { Part } from "./search.ts";
import { changes, partText } from "./spec-text.ts";

const NAMES: Readonly<Record<Part, string>> = {
  messages: "Messages",
  examples: "Examples",
  schema: "Output",
  spec: "Whole spec",
};

/** Two versions beside each other: first what is different at a glance, then the wordings. */
export function Compare({ before, after }: { before: PromptVersion; after: PromptVersion }): ReactNode {
  const { part: wanted } = useSearch({ from: "/frame/prompts/$name" });
  const navigate = useNavigate({ from: "/prompts/$name" });
  const differs = PARTS.filter((part) => partText(before, part) !== partText(after, part));
  const part = wanted ?? differs[0] ?? "messages";
  return (
    <Section
      title={
        <>
          What changed from <code>{before.version}</code> to <code>{after.version}</code>
        </>
      }
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Part that is compared"
          value={part}
          onChange={(value) =>
            void navigate({ search: (search) => promptSearch({ ...search, part: value }), replace: true })
          }
          data={PARTS.map((each) => ({
            value: each,
            label: differs.includes(each) ? NAMES[each] : `${NAMES[each]} (same)`,
          }))}
        />
      }
    >
      <div className={css["compare"]}>
        <Changes before={before} after={after} />
        <Diff
          before={partText(before, part)}
          after={partText(after, part)}
          titles={[`${before.version} · ${NAMES[part]}`, `${after.version} · ${NAMES[part]}`]}
        />
      </div>
    </Section>
  );
}

function Changes({ before, after }: { before: PromptVersion; after: PromptVersion }): ReactNode {
  const found = changes(before, after);
  if (found.length === 0) return <p className={css["dim"]}>Model, settings, inputs and owner are the same.</p>;
  return (
    <table className={css["changes"]} aria-label="Settings that changed">
      <colgroup>
        <col />
        <col />
        <col />
      </colgroup>
      <tbody>
        {found.map(({ what, before: was, after: is }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>
              <Block text={was} shown={300} />
            </td>
            <td>
              <Block text={is} shown={300} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
