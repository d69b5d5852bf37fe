// What `sluice types` writes from events/ and prompts/: the types of events and of prompt outputs.
declare global {
  interface SluiceEvents {
    "support_ticket.created": {
      event: "support_ticket.created";
      event_id: string;
      created_at: string;
      ticket: { id: string; subject: string; body: string };
      customer: { id: string; email: string; plan: "free" | "pro" | "enterprise" };
    };
  }
}

export {};
