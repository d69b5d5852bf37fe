import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { PromptVersion } from "../../api/schema.gen.ts";
import css from "./prompts.module.css";

interface VersionChoiceProps {
  versions: readonly PromptVersion[];
  version: PromptVersion;
  against: PromptVersion | undefined;
  onChoose: (version: PromptVersion | undefined, against: PromptVersion | undefined) => void;
}

/** Which version is looked at, and which one it is compared with. */
export function VersionChoice({ versions, version, against, onChoose }: VersionChoiceProps): ReactNode {
  const find = (value: string | null): PromptVersion | undefined => versions.find((each) => each.version === value);
  const data = versions.map((each, index) => ({
    value: each.version,
    label: index === 0 ? `${each.version} (newest)` : each.version,
  }));
  return (
    <div className={css["choice"]}>
      {against !== undefined && (
        <>
          <Select
            aria-label="Compared with"
            data={data}
            value={against.version}
            allowDeselect={false}
            searchable={versions.length > 10}
            onChange={(value) => onChoose(version, find(value))}
          />
          <Tooltip label="Swap the two (X)">
            <ActionIcon aria-label="Swap the two versions" onClick={() => onChoose(against, version)}>
              <IconArrowsExchange size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
      <Select
        aria-label="Version"
        data={data}
        value={version.version}
        allowDeselect={false}
        searchable={versions.length > 10}
        onChange={(value) => onChoose(find(value), against?.version === value ? version : against)}
      />
    </div>
  );
}
