import { useQuery } from "@tanstack/react-query";
import { workflowsQuery } from "../../api/project.ts";

/** The workflows that call a prompt, by name. */
export function useUsing(prompt: string): string[] {
  const { data } = useQuery(workflowsQuery);
  return (data?.items ?? [])
    .filter(({ prompts }) => Object.values(prompts).some((each) => each.split("@")[0] === prompt))
    .map(({ name }) => name);
}
