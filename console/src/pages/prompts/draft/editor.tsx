import { NativeSelect, NumberInput, TextInput, Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import type { PromptProblem } from "../../../api/schema.gen.ts";
import type { Json } from "../../../api/schema.gen.ts";
import { Mistakes } from "../../../parts/mistakes.tsx";
import { Section } from "../../../parts/page.tsx";
import { inputLines, inputsOfLines, withMember } from "./document.ts";
import type { TextName } from "./document.ts";
import css from "./draft.module.css";
import type { EditorProps } from "./editor-props.ts";
import { JsonText } from "./json-text.tsx";
import { Messages } from "./messages.tsx";
import { at, elsewhere } from "./places.ts";
import { useTyped } from "./typed.ts";

const PLACES = ["/messages", "/inputs", "/output_schema", "/examples"];

/** The whole document, each part with what is wrong with it. */
export function Editor(props: EditorProps): ReactNode {
  const { document, problems, isReadOnly, onChange, onBroken } = props;
  const known = [...PLACES, ...SETTINGS.map(({ name }) => `/${name}`)];
  const json = (name: TextName, label: string, description: string): ReactNode => (
    <JsonText
      label={label}
      description={description}
      value={document[name]}
      pointer={`/${name}`}
      problems={at(problems, `/${name}`) as PromptProblem[]}
      isReadOnly={isReadOnly}
      onChange={(value) => onChange(withMember(document, name, value))}
      onBroken={(isBroken) => onBroken(name, isBroken)}
    />
  );
  return (
    <>
      <Mistakes mistakes={elsewhere(problems, known) as PromptProblem[]} />
      <Messages {...props} />
      <Section title="Inputs and output">
        <div className={css["fields"]}>
          <Inputs {...props} />
          {json("output_schema", "Output schema", "JSON Schema; fields it does not name are refused.")}
        </div>
      </Section>
      <Section title="Examples">
        {json("examples", "Examples as JSON", "A list of {input, output}: what the model is shown.")}
      </Section>
      <Settings {...props} />
    </>
  );
}

function Inputs({ document, problems, isReadOnly, onChange }: EditorProps): ReactNode {
  const [text, type] = useTyped<Json>(document["inputs"] ?? [], inputLines, inputsOfLines);
  return (
    <div>
      <Textarea
        label="Inputs"
        description="A path a line; “redact” after it hides the original from the model."
        classNames={{ input: css["code"] ?? "" }}
        autosize
        minRows={2}
        readOnly={isReadOnly}
        value={text}
        onChange={({ currentTarget }) => onChange(withMember(document, "inputs", type(currentTarget.value)))}
      />
      <Mistakes mistakes={at(problems, "/inputs") as PromptProblem[]} />
    </div>
  );
}

interface Setting {
  name: string;
  label: string;
  kind: "text" | "number" | "list" | readonly string[];
  hint?: string;
}

const SETTINGS: readonly Setting[] = [
  { name: "owner", label: "Owner", kind: "text" },
  { name: "description", label: "Description", kind: "text" },
  { name: "model", label: "Model", kind: "text", hint: "openai/gpt-4.1-mini" },
  { name: "fallback_models", label: "Falls back to", kind: "list", hint: "separated by commas" },
  { name: "temperature", label: "Temperature", kind: "number" },
  { name: "confidence", label: "Confidence at", kind: "text", hint: "/confidence" },
  { name: "risk", label: "Risk", kind: ["", "low", "high"] },
  { name: "rollback_version", label: "Rolls back to", kind: "text" },
  { name: "eval_suite", label: "Eval suite", kind: "text" },
];

function Settings({ document, problems, isReadOnly, onChange }: EditorProps): ReactNode {
  return (
    <Section title="Settings">
      <div className={css["settings"]}>
        {SETTINGS.map((setting) => (
          <div key={setting.name}>
            <SettingField
              setting={setting}
              value={document[setting.name]}
              isReadOnly={isReadOnly}
              onChange={(value) => onChange(withMember(document, setting.name, value))}
            />
            <Mistakes mistakes={at(problems, `/${setting.name}`) as PromptProblem[]} />
          </div>
        ))}
      </div>
    </Section>
  );
}

interface SettingFieldProps {
  setting: Setting;
  value: Json | undefined;
  isReadOnly: boolean;
  onChange(value: Json | undefined): void;
}

function SettingField({
  setting: { label, kind, hint = "" },
  value,
  isReadOnly,
  onChange,
}: SettingFieldProps): ReactNode {
  const said = (text: string): Json | undefined => (text === "" ? undefined : text);
  if (kind === "number")
    return (
      <NumberInput
        label={label}
        step={0.1}
        min={0}
        readOnly={isReadOnly}
        value={typeof value === "number" ? value : ""}
        onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
      />
    );
  if (typeof kind === "object")
    return (
      <NativeSelect
        label={label}
        size="xs"
        disabled={isReadOnly}
        data={kind.map((each) => ({ value: each, label: each === "" ? "not set" : each }))}
        value={typeof value === "string" ? value : ""}
        onChange={({ currentTarget }) => onChange(said(currentTarget.value))}
      />
    );
  if (kind === "list") return <ListField {...{ label, hint, value, isReadOnly, onChange }} />;
  return (
    <TextInput
      label={label}
      placeholder={hint}
      readOnly={isReadOnly}
      value={typeof value === "string" ? value : ""}
      onChange={({ currentTarget }) => onChange(said(currentTarget.value))}
    />
  );
}

interface ListFieldProps extends Omit<SettingFieldProps, "setting"> {
  label: string;
  hint: string;
}

function ListField({ label, hint, value, isReadOnly, onChange }: ListFieldProps): ReactNode {
  const [text, type] = useTyped<Json | undefined>(value, joined, splitAtCommas);
  return (
    <TextInput
      label={label}
      placeholder={hint}
      readOnly={isReadOnly}
      value={text}
      onChange={({ currentTarget }) => onChange(type(currentTarget.value))}
    />
  );
}

function joined(value: Json | undefined): string {
  return Array.isArray(value) ? value.join(", ") : "";
}

function splitAtCommas(text: string): Json | undefined {
  const names = text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  return names.length === 0 ? undefined : names;
}
