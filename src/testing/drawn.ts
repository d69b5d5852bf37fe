import { promptFromDocument } from "../prompt/load.ts";
import type { PromptSet } from "../prompt/set.ts";
import { promptSet } from "../prompt/set.ts";
import { tool } from "../tool/define.ts";
import { event, workflow } from "../workflow/define.ts";
import type { Workflow } from "../workflow/define.ts";
import type { Picture } from "../workflow/picture-graph.ts";
import { drawPicture } from "../workflow/picture.ts";
import { readSource } from "../workflow/source.ts";
import type { Source } from "../workflow/source.ts";

const args = { type: "object", properties: { id: { type: "string" } } } as const;
const lookUp = tool("look_up", { effect: "read", args, run: () => ({}) });
const refund = tool("refund", { effect: "write", kind: "refund", args, run: () => ({}) });

/** Two versions of one prompt. */
export const prompts: PromptSet = promptSet(
  ["1", "2"].map((version) =>
    promptFromDocument({
      name: "classifier",
      version,
      owner: "support",
      model: "local/in-context",
      inputs: ["ticket"],
      messages: [{ role: "user", content: "{{ ticket }}" }],
      output_schema: { type: "object", properties: { category: { type: "string" }, confidence: { type: "number" } } },
    }),
  ),
);

/** What the source below would be loaded as. */
export const loaded: Workflow = workflow(
  "triage",
  {
    on: event("ticket.created", { version: 2 }),
    decision: { type: "object", properties: { queue: { type: "string" } } },
    prompts: { classify: "classifier" },
    tools: { lookUp, refund },
    thresholds: { review_below: 0.75 },
  },
  async () => undefined,
);

/** Throws where it cannot be read. */
export function parsed(file: string, text: string): Source {
  const read = readSource(file, text);
  if ("problem" in read) throw new Error(read.problem.message);
  return read.source;
}

/** What a drawn workflow has besides its body. */
export interface Given {
  /** Beside the workflow's function, in its file. */
  top?: string;
  files?: Record<string, string>;
  of?: Workflow;
}

/** A workflow's file around the body of its function, and the files beside it. The body begins in line 8. */
export function sourcesOf(body: string, { top = "", files = {} }: Given = {}): Source[] {
  const text = `import { event, workflow } from "sluice";
import { lookUp, refund } from "../tools/desk.ts";
${top}
export default workflow("triage", {
  on: event("ticket.created", { version: 2 }), decision: {}, prompts: { classify: "classifier" },
  tools: { lookUp, refund }, thresholds: { review_below: 0.75 },
}, async (event, ctx) => {
${body}
});
`;
  return [parsed("workflows/triage.ts", text), ...Object.entries(files).map(([file, code]) => parsed(file, code))];
}

export function drawn(body: string, given: Given = {}): Picture {
  return drawPicture(given.of ?? loaded, sourcesOf(body, given), prompts);
}

const short = (id: string): string => id.replace(/^step:/, "");

/** `FROM > TO`, with the label behind it: only what is written. */
export function written(body: string, given: Given = {}): string[] {
  return drawn(body, given)
    .edges.filter((edge) => !edge.implied)
    .map(({ from, to, label, kind }) => {
      const way = `${short(from)} > ${short(to)}`;
      return `${way}${label === null ? "" : ` [${label}]`}${kind === "failure" ? " !" : ""}`;
    });
}

/** The same for what the engine does by itself. */
export function implied(body: string, given: Given = {}): string[] {
  return drawn(body, given)
    .edges.filter((edge) => edge.implied)
    .map(({ from, to, label }) => `${short(from)} > ${short(to)} [${label}]`);
}

/** A step of the simplest kind. */
export const step = (name: string): string => `await ctx.tool("${name}", lookUp, {});`;
export const DECIDE: string = "return ctx.decide({});";
/** What is left of a workflow that decides, without what always stands at its ends. */
export function between(body: string, given: Given = {}): string[] {
  return written(body, given).filter((way) => way !== "decide > end:completed");
}
