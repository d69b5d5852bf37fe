import { event, workflow } from "sluice";
import { createEscalation, loadAccount, sendReplyDraft } from "../tools/ticket-desk.ts";

const PLANS = new Set(["free", "starter", "pro", "business", "enterprise"]);

const FIRST_REPLY: Readonly<Record<string, string>> & { en: string } = {
  en: "We have your report and a colleague is looking into your account now. Please do not share codes or passwords with anybody, also not with us.",
  de: "Wir haben Ihre Meldung und prüfen Ihr Konto gerade. Bitte geben Sie niemandem Codes oder Kennwörter weiter, auch uns nicht.",
  fr: "Nous avons bien reçu votre signalement et vérifions votre compte en ce moment. Ne communiquez vos codes ou mots de passe à personne, pas même à nous.",
  es: "Hemos recibido su aviso y estamos revisando su cuenta. No comparta códigos ni contraseñas con nadie, tampoco con nosotros.",
};

const TriageDecision = {
  type: "object",
  required: ["category", "urgency", "confidence", "reason", "queue"],
  properties: {
    category: { enum: ["billing", "bug", "sales", "account", "how_to", "other"] },
    urgency: { enum: ["low", "medium", "high"] },
    confidence: { type: "number", minimum: 0, maximum: 1 },
    reason: { type: "string", maxLength: 300 },
    queue: { type: "string" },
  },
} as const;

export const ticketCreated = event("support_ticket.created");

export default workflow(
  "support_triage",
  {
    on: ticketCreated,
    decision: TriageDecision,
    success: "suite:support_ticket_classifier_regression",
    deadline: "24h",
    affects: ["customer_communication", "billing"],
    prompts: { classify: "support_ticket_classifier" },
    tools: { loadAccount, createEscalation, sendReplyDraft },
    thresholds: { review_below: 0.75 },
    concurrency: { key: (e) => e.customer.id, limit: 2 },
    budget: { usd: 0.05, modelCalls: 4 },
  },
  async ({ ticket, customer }, ctx) => {
    const account = await ctx.tool("load account", loadAccount, { customer_id: customer.id });
    const result = await ctx.prompt("classify", { ticket, customer });
    await ctx.rule("known plan", account.known && PLANS.has(account.plan), {
      message: `Customer ${customer.id} has no plan we know: ${account.plan}.`,
    });

    const final =
      result.confidence < (ctx.thresholds["review_below"] ?? 1)
        ? await ctx.review("low confidence", {
            of: "classify",
            team: "support",
            expiresIn: "4h",
            reveal: ["ticket.body"],
          })
        : result;

    let queue: unknown = account.enterprise ? "enterprise" : final.category;
    if (final.category === "billing" && final.urgency === "high") {
      const escalation = await ctx.tool("escalate", createEscalation, { ticket_id: ticket.id, reason: final.reason });
      // Nobody was called to it: then it has to lie on top.
      if (escalation.status === "denied") queue = "urgent";
    }
    // Somebody else may be in the account: a quick word helps, and what it says is a person's to approve.
    if (final.category === "account" && final.urgency === "high") {
      const language = ticket.language ?? "en";
      const text = FIRST_REPLY[language] ?? FIRST_REPLY.en;
      const reply = await ctx.tool("reply draft", sendReplyDraft, { ticket_id: ticket.id, language, text });
      if (reply.status === "denied") queue = "urgent";
    }
    return ctx.decide({ ...final, queue });
  },
);
