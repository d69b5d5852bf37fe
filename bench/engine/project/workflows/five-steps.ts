import { event, workflow } from "sluice";
import { runEnded, STEPS, stepOutput, timed } from "../../workload.ts";

/** The run that is measured, as a user would write it. */
export default workflow(
  "five_steps",
  {
    on: event("support_ticket.created"),
    decision: {
      type: "object",
      required: ["length"],
      properties: { length: { type: "integer", minimum: 0 } },
    },
    success: "metric:latency_p95",
    deadline: "24h",
  },
  async (ticket, ctx) => {
    let length = 0;
    for (let step = 1; step <= STEPS; step += 1) {
      const output = await timed(() => ctx.run(`step ${step}`, () => stepOutput(ticket.event_id, step)));
      length += output.text.length;
    }
    await ctx.decide({ length });
    runEnded(ticket);
  },
);
