import { readFile } from "node:fs/promises";

export interface Label {
  category: string;
  urgency: string;
}

export interface Stream {
  /** The events as they are sent, re-sent ones included: one JSON text each. */
  lines: string[];
  /** Event id of each line. */
  ids: string[];
  /** Different event ids among them. */
  distinct: number;
  labels: ReadonlyMap<string, Label>;
}

export async function readStream(): Promise<Stream> {
  const lines = await linesOf("tickets.jsonl");
  const ids = lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id);
  const labels = (await linesOf("labels.jsonl")).map((line) => JSON.parse(line) as Label & { event_id: string });
  return {
    lines,
    ids,
    distinct: new Set(ids).size,
    labels: new Map(labels.map(({ event_id, category, urgency }) => [event_id, { category, urgency }])),
  };
}

async function linesOf(name: string): Promise<string[]> {
  const text = await readFile(new URL(`../tickets/${name}`, import.meta.url), "utf8");
  return text.trimEnd().split("\n");
}
