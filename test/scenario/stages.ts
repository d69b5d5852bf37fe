import { event, workflow } from "../../src/index.ts";
import type { WorkflowContext, WorkflowOptions } from "../../src/index.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { Release } from "../../src/release/release.ts";
import type { Workflow } from "../../src/workflow/define.ts";
import { post } from "./peer.ts";
import type { Peer } from "./peer.ts";
import { publish } from "./release.ts";
import { PROMPT, World } from "./world.ts";
import type { Setting } from "./world.ts";

export type Ctx = WorkflowContext<Record<string, string>>;
export const on: ReturnType<typeof event> = event("ticket.created");
export const answer = { category: "billing", urgency: "high", confidence: 0.9 };

/** A decision as its schema knows it. */
export const DECISION: JsonObject = {
  type: "object",
  required: ["category"],
  properties: { category: { enum: ["billing", "account", "other"] }, urgency: {}, confidence: {} },
};

/** Asks the model, writes a note at the peer, decides what the model said. */
export function triage(
  peer: Peer,
  over: object = {},
  before?: (ctx: Ctx) => Promise<void>,
  affects: WorkflowOptions<unknown, Record<string, string>>["affects"] = [],
): Workflow {
  const note = post(peer, "note", over);
  const options: WorkflowOptions<unknown, Record<string, string>> = {
    on,
    deadline: "24h",
    decision: DECISION,
    prompts: { classify: "classifier" },
    tools: { note },
    thresholds: { review_below: 0.75 },
    affects,
  };
  return workflow("flow", options, async (given, ctx) => {
    if (before !== undefined) await before(ctx);
    const said = await ctx.prompt("classify", given);
    await ctx.tool("note it", note, { text: "billing" });
    return ctx.decide(said);
  });
}

/** A proper release of the workflow at `change`, served. */
export async function released(change: Partial<Release>, setting: Setting): Promise<World> {
  const world = await World.open({ mode: "serve", ...setting });
  await republish(world, change);
  return world;
}

/** Makes `change` the present release while nobody serves, and serves again. */
export async function republish(world: World, change: Partial<Release>): Promise<void> {
  await world.sluice.close(2_000);
  await publish(world, { development: false, ...change });
  await world.restart();
}

/** The prompt of all scenarios, and a second version of it. */
export const TWO_VERSIONS: Record<string, string> = {
  "prompts/classifier/1.json": JSON.stringify(PROMPT),
  "prompts/classifier/2.json": JSON.stringify({
    ...PROMPT,
    version: "2",
    messages: [{ role: "user", content: "Sort: {{ ticket.body }}" }],
  }),
};

/** Version `version` of the prompt in the slot, as a release names it. */
export function grant(world: World, version: string): Release["prompts"][string] {
  const { name, hash, model } = world.sluice.project.prompts.get("classifier", version);
  return { prompt: name, version, hash, model };
}
