import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Command, Id } from "../../parts/copy.tsx";
import { plural } from "../../parts/format.ts";
import { Facts, Section } from "../../parts/page.tsx";
import { SchemaTable } from "../../parts/schema-table.tsx";
import { Block } from "../../parts/text.tsx";
import css from "./prompts.module.css";
import { inputsOf, partText, settings } from "./spec-text.ts";

/** All that one version says. */
export function Spec({ prompt, versions }: { prompt: PromptVersion; versions: readonly PromptVersion[] }): ReactNode {
  return (
    <>
      <Section title={`Version ${prompt.version}`}>
        <Facts
          facts={[
            ["Owner", prompt.owner],
            ...settings(prompt),
            ["Rolls back to", <Rollback key="rollback" prompt={prompt} versions={versions} />],
            ["Eval suite", prompt.eval_suite ?? "none"],
            ["Hash", <Id key="hash" id={prompt.hash.slice(0, 16)} what="the beginning of the hash" />],
            ["File", prompt.file === undefined ? "–" : <Id key="file" id={prompt.file} what="file" />],
          ]}
        />
        <p className={css["command"]}>
          <Command text={`sluice prompt show ${prompt.name}@${prompt.version}`} />
        </p>
      </Section>
      <Section title="Messages" aside={plural(prompt.messages.length, "message")}>
        <ol className={css["messages"]}>
          {prompt.messages.map(({ role, content }, index) => (
            <li key={`${index} ${role}`}>
              <Tag>{role}</Tag>
              <Block text={content.trimEnd()} mono />
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Inputs" aside="Only these can be used in the messages.">
        <ul className={css["inputs"]}>
          {inputsOf(prompt).map(({ path, redact }) => (
            <li key={path}>
              <code>{path}</code> {redact && <Tag title="The model does not see the original">redacted</Tag>}
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Output" flush>
        <SchemaTable schema={prompt.output_schema} label="Output schema" />
      </Section>
      {(prompt.examples?.length ?? 0) > 0 && (
        <Section title="Examples" aside={plural(prompt.examples?.length ?? 0, "example")}>
          <Block text={partText(prompt, "examples")} shown={1_500} mono />
        </Section>
      )}
    </>
  );
}

function Rollback({ prompt, versions }: { prompt: PromptVersion; versions: readonly PromptVersion[] }): ReactNode {
  const { rollback_version: version, name } = prompt;
  if (version === undefined) return "none";
  if (!versions.some((each) => each.version === version)) return `${version}, which is not deployed`;
  return (
    <Link to="/prompts/$name" params={{ name }} search={{ version }}>
      {version}
    </Link>
  );
}
