import { failureFromResponse, tool } from "sluice";
import type { ToolCall } from "sluice";

/** The ticket desk's address: whoever runs the workflow says where it is. */
function desk(path: string): URL {
  const address = process.env["SUPPORT_DESK_URL"];
  if (address === undefined || address === "")
    throw new Error(
      "SUPPORT_DESK_URL is not set. Start the desk with `npm run -s desk` in the root of the repository and put the address it prints there.",
    );
  return new URL(path, address);
}

/** One write under the call's idempotency key: the desk carries it out once, however often it is asked. */
async function write<R>(path: string, body: object, { signal, idempotencyKey }: ToolCall): Promise<R> {
  const response = await fetch(desk(path), {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw failureFromResponse(response);
  return (await response.json()) as R;
}

export interface Account {
  /** False: the desk knows no such customer. */
  known: boolean;
  plan: string;
  enterprise: boolean;
}

export const loadAccount = tool("load_account", {
  effect: "read",
  description: "The customer's plan and standing at the ticket desk.",
  timeout: "5s",
  args: { type: "object", required: ["customer_id"], properties: { customer_id: { type: "string", minLength: 1 } } },
  result: {
    type: "object",
    required: ["known", "plan", "enterprise"],
    properties: { known: { type: "boolean" }, plan: { type: "string" }, enterprise: { type: "boolean" } },
  },
  run: async ({ customer_id }, { signal }): Promise<Account> => {
    const response = await fetch(desk(`/accounts/${encodeURIComponent(customer_id)}`), { signal });
    // An unknown customer is an answer, and the workflow's rule says what follows from it.
    if (response.status === 404) return { known: false, plan: "unknown", enterprise: false };
    if (!response.ok) throw failureFromResponse(response);
    const { plan, enterprise } = (await response.json()) as { plan: string; enterprise: boolean };
    return { known: true, plan, enterprise };
  },
});

export interface Filed {
  id: string;
  ticket_id: string;
}

const FILED = {
  type: "object",
  required: ["id", "ticket_id"],
  properties: { id: { type: "string" }, ticket_id: { type: "string" } },
} as const;

export const createEscalation = tool("create_escalation", {
  effect: "write",
  description: "Puts the ticket before the billing team at once. Seen inside the company only.",
  risk: "low",
  idempotent: true,
  timeout: "5s",
  args: {
    type: "object",
    required: ["ticket_id", "reason"],
    properties: { ticket_id: { type: "string", minLength: 1 }, reason: { type: "string", maxLength: 300 } },
  },
  result: FILED,
  run: (args, call) => write<Filed>("/escalations", args, call),
});

export const sendReplyDraft = tool("send_reply_draft", {
  effect: "write",
  kind: "external_message",
  description: "Sends the customer a first reply. Goes out only when a person has approved it.",
  risk: "medium",
  idempotent: true,
  timeout: "5s",
  args: {
    type: "object",
    required: ["ticket_id", "language", "text"],
    properties: {
      ticket_id: { type: "string", minLength: 1 },
      language: { type: "string" },
      text: { type: "string", minLength: 1, maxLength: 2000 },
    },
  },
  result: FILED,
  run: (args, call) => write<Filed>("/replies", args, call),
});
