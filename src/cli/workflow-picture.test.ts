import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { typed } from "../testing/terminal.ts";
import type { Ended, Setting } from "../testing/terminal.ts";
import type { Picture } from "../workflow/picture-graph.ts";

const cwd = fileURLToPath(new URL("../../examples/support-triage", import.meta.url));

function show(argv: readonly string[], setting: Setting = {}): Promise<Ended> {
  return typed(["workflow", "show", ...argv], { cwd, width: 200, ...setting });
}

describe("sluice workflow show", () => {
  test("draws the example: the way of a ticket, its branches, and where failures go", async () => {
    const { code, out, err } = await show(["support_triage"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replaceAll(/ {2}line \d+$/gm, "")).toBe(`support_triage  workflows/support-triage.ts

● support_ticket.created  trigger
│
● load account  tool  read · load_account · risk high
│    ? denied, result off its schema → a person (rejected → stopped; approved → again; corrected → classify)
│    ✗ keeps failing, rate limit, timeout, error, deadline of 1 d → dead
│    ✗ in shadow, where nobody is asked → stopped
│
● classify  prompt  support_ticket_classifier@2026-11-23.1 gives category, urgency, confidence, reason
│    ? invalid twice, refused, budget used up → a person (rejected → stopped; corrected → known plan)
│    ✗ keeps failing, rate limit, timeout, error, deadline of 1 d → dead
│    ✗ in shadow, where nobody is asked → stopped
│
● known plan  rule  account.known && PLANS.has(account.plan)
├─ result.confidence < review_below → low confidence
├─ final.category === "billing" && final.urgency === "high" → escalate
├─ final.category === "account" && final.urgency === "high" → reply draft
├─ else → decide
│    ? does not hold → a person (rejected → stopped; overridden, corrected → again)
│    ✗ in shadow, where nobody is asked → stopped
│
│  ○ low confidence  review  of classify, by support, within 4h
│  ├─ final.category === "billing" && final.urgency === "high" → escalate
│  ├─ final.category === "account" && final.urgency === "high" → reply draft
│  ├─ else → decide
│  │    ✗ deadline of 1 d → dead
│  │    ✗ rejected, expired twice → stopped
│
│  ○ escalate  tool  write · create_escalation · risk low
│  ├─ final.category === "account" && final.urgency === "high" → reply draft
│  ├─ else → decide
│  │    ? outcome unknown, result off its schema → a person (rejected → stopped; approved → again; final.category === "account" && final.urgency === "high" → reply draft; else → decide)
│  │    ✗ keeps failing, rate limit, timeout, error, deadline of 1 d → dead
│
│  ○ reply draft  tool  write · send_reply_draft · risk medium · external_message
│  │    ? outcome unknown, result off its schema → a person (rejected → stopped; approved → again; corrected → decide; writes to approve → a person)
│  │    ✗ keeps failing, rate limit, timeout, error, deadline of 1 d → dead
│
● decide  decide  category, urgency, confidence, reason, queue
└─ → completed
     ? at suggestion, writes to approve → a person (confirmed → decided; rejected → stopped; approved → escalate, reply draft)
`);
  });

  test("prints nodes and edges as JSON", async () => {
    const { out } = await show(["support_triage", "--json"]);
    const picture = JSON.parse(out) as Picture;
    expect(picture).toMatchObject({ workflow: "support_triage", file: "workflows/support-triage.ts", problems: [] });
    expect(picture.nodes.find(({ id }) => id === "step:classify")).toMatchObject({ kind: "prompt", label: "classify" });
    expect(picture.edges).toContainEqual({
      id: "step:known plan -> step:low confidence",
      from: "step:known plan",
      to: "step:low confidence",
      kind: "condition",
      label: "result.confidence < review_below",
      implied: false,
    });
  });

  test("has colours on a terminal that wants them, and none elsewhere", async () => {
    const [plain, coloured] = [await show(["support_triage"]), await show(["support_triage"], { colour: true })];
    expect(plain.out).not.toContain("\u001b[");
    expect(coloured.out).toContain("\u001b[31m✗");
  });

  test("is no wider than the terminal", async () => {
    const { out } = await show(["support_triage"], { width: 60 });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test("suggests the near name", async () => {
    const { code, err } = await show(["suport_triage"]);
    expect(code).toBe(2);
    expect(err).toBe('There is no workflow "suport_triage". Did you mean "support_triage"?\n');
  });
});
