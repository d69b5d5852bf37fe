import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Release } from "../../api/schema.gen.ts";
import { workflowsQuery } from "../../api/project.ts";
import type { ChangeFormProps } from "./change-form-props.ts";
import { isGranted, withField, withThreshold, withTool } from "./change.ts";
import css from "./releases.module.css";
import { SlotFields } from "./slot-fields.tsx";
import { STAGES } from "./stages.ts";
import type { Stage } from "./stages.ts";

/** Every thing a release has, as it is at present; what is set otherwise is the change. */
export function ChangeForm(props: ChangeFormProps): ReactNode {
  const { present, change, onChange } = props;
  const slots = Object.keys(present.prompts);
  return (
    <div className={css["changeForm"]}>
      <fieldset>
        <legend>Stage and limits</legend>
        <StageFields {...props} />
        <Conditions {...props} />
      </fieldset>
      {Object.keys(present.thresholds).length > 0 && (
        <fieldset>
          <legend>Thresholds</legend>
          <div className={css["pair"]}>
            {Object.entries(present.thresholds).map(([name, value]) => (
              <NumberInput
                key={name}
                label={name}
                description={`${value} at present`}
                step={0.01}
                value={change.thresholds?.[name] ?? value}
                onChange={(next) => typeof next === "number" && onChange(withThreshold(change, present, name, next))}
              />
            ))}
          </div>
        </fieldset>
      )}
      {slots.map((slot) => (
        <fieldset key={slot}>
          <legend>
            Prompt <code>{slot}</code>
          </legend>
          <SlotFields {...props} slot={slot} />
        </fieldset>
      ))}
      <ToolFields {...props} />
    </div>
  );
}

function StageFields({ present, change, onChange }: ChangeFormProps): ReactNode {
  const share = (name: "share" | "sample", label: string, description: string): ReactNode => (
    <NumberInput
      label={label}
      description={description}
      min={0}
      max={100}
      suffix=" %"
      value={rounded((change[name] ?? present[name]) * 100)}
      onChange={(value) =>
        typeof value === "number" && onChange(withField(change, present, name, rounded(value) / 100))
      }
    />
  );
  return (
    <div className={css["pair"]}>
      <NativeSelect
        label="Stage"
        description={`${present.stage} at present`}
        size="xs"
        data={STAGES.map((stage) => ({ value: stage, label: stage }))}
        value={change.stage ?? present.stage}
        onChange={({ currentTarget }) => onChange(withField(change, present, "stage", currentTarget.value as Stage))}
      />
      {share(
        "share",
        "Share of the traffic",
        `a person decides the rest (at suggestion and shadow nothing comes of it); by ${present.assign_by}`,
      )}
      {share("sample", "To review at random", "of the decisions nobody would see")}
      <NativeSelect
        label="Writes without a person"
        description="up to this risk, from narrow on"
        size="xs"
        data={["low", "medium", "high"]}
        value={change.risk_threshold ?? present.risk_threshold}
        onChange={({ currentTarget }) =>
          onChange(withField(change, present, "risk_threshold", currentTarget.value as Release["risk_threshold"]))
        }
      />
    </div>
  );
}

/** Twelve digits: what floating point adds is no change. */
function rounded(n: number): number {
  return Number(n.toPrecision(12));
}

function Conditions({ present, change, onChange }: ChangeFormProps): ReactNode {
  const condition = (name: "scope" | "automation", label: string, description: string, example: string): ReactNode => (
    <TextInput
      label={label}
      description={description}
      placeholder={example}
      classNames={{ input: css["mono"] ?? "" }}
      value={(change[name] === undefined ? present[name] : change[name]) ?? ""}
      onChange={({ currentTarget: { value } }) =>
        onChange(withField(change, present, name, value.trim() === "" ? null : value))
      }
    />
  );
  return (
    <>
      {condition(
        "scope",
        "Scope",
        "empty: every decision; outside it a person decides",
        "output.category == 'billing'",
      )}
      {condition("automation", "Automation rule", "empty: it always holds; else a person decides", "confidence >= 0.9")}
    </>
  );
}

function ToolFields({ present, change, onChange }: ChangeFormProps): ReactNode {
  const { data } = useQuery(workflowsQuery);
  const declared = data?.items.find(({ name }) => name === present.workflow)?.tools ?? [];
  const tools = [...new Set([...declared, ...present.tools, ...(change.tools?.grant ?? [])])];
  if (tools.length === 0) return null;
  const isChecked = (tool: string): boolean =>
    (change.tools?.grant ?? []).includes(tool) ||
    (isGranted(present, tool) && !(change.tools?.revoke ?? []).includes(tool));
  return (
    <fieldset>
      <legend>Tools it may call</legend>
      <div className={css["checks"]}>
        {tools.map((tool) => (
          <Checkbox
            key={tool}
            label={tool}
            checked={isChecked(tool)}
            onChange={({ currentTarget }) => onChange(withTool(change, present, tool, currentTarget.checked))}
          />
        ))}
      </div>
    </fieldset>
  );
}
