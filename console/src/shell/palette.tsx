import { Spotlight, createSpotlight } from "@mantine/spotlight";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { contractsQuery, promptsQuery, toolsQuery, workflowsQuery } from "../api/project.ts";
import { DESTINATIONS } from "./destinations.ts";

export const [store, { open, close }] = createSpotlight();

interface Entry {
  id: string;
  label: string;
  description: string;
  go(): void;
}

/** Find anything: a page, a run or event by its id, whatever is deployed by its name, or runs by words. */
export function Palette(): ReactNode {
  const [query, setQuery] = useState("");
  const entries = useEntries(query.trim());
  return (
    <Spotlight.Root
      lockScroll={false}
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="A page, a workflow, a prompt, a run's id, or words of a ticket"
        aria-label="Find anything"
        leftSection={<IconSearch size={18} stroke={1.5} />}
      />
      <Spotlight.ActionsList>
        {entries.map(({ id, label, description, go }) => (
          <Spotlight.Action
            key={id}
            label={label}
            description={description}
            onClick={go}
            leftSection={<IconArrowRight size={16} />}
          />
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function useEntries(query: string): Entry[] {
  const navigate = useNavigate();
  const names = useNames();
  const low = query.toLowerCase();
  const pages = DESTINATIONS.map(({ to, label }) => ({
    id: to,
    label,
    description: "Page",
    go: () => void navigate({ to }),
  }));
  const found = [...pages, ...names].filter(({ label }) => low === "" || label.toLowerCase().includes(low));
  if (query === "") return found.slice(0, 30);
  const isRun = /^run_\w+$/.test(query);
  return [
    ...(isRun
      ? [
          {
            id: "run",
            label: query,
            description: "Open this run",
            go: () => void navigate({ to: "/runs/$runId", params: { runId: query } }),
          },
        ]
      : []),
    ...found.slice(0, 20),
    {
      id: "runs",
      label: `Runs with “${query}”`,
      description: "Search ids and words of events and decisions",
      go: () => void navigate({ to: "/runs", search: { q: query } }),
    },
  ];
}

/** Whatever is deployed, by name. */
function useNames(): Entry[] {
  const navigate = useNavigate();
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: prompts } = useQuery(promptsQuery);
  const { data: contracts } = useQuery(contractsQuery);
  const { data: tools } = useQuery(toolsQuery);
  const entries = (description: string, names: readonly string[] | undefined, go: (name: string) => void): Entry[] =>
    [...new Set(names)].map((name) => ({
      id: `${description} ${name}`,
      label: name,
      description,
      go: () => go(name),
    }));
  return [
    ...entries(
      "Workflow",
      workflows?.items.map(({ name }) => name),
      (name) => void navigate({ to: "/workflows/$name", params: { name } }),
    ),
    ...entries(
      "Prompt",
      prompts?.items.map(({ name }) => name),
      (name) => void navigate({ to: "/prompts/$name", params: { name } }),
    ),
    ...entries(
      "Contract",
      contracts?.items.map(({ type }) => type),
      (type) => void navigate({ to: "/contracts/$type", params: { type } }),
    ),
    ...entries(
      "Tool",
      tools?.items.map(({ name }) => name),
      (name) => void navigate({ to: "/tools/$name", params: { name } }),
    ),
  ];
}
