// Written by `sluice types` from events/ and prompts/: the types of events and of prompt outputs.

declare global {
  interface SluiceEvents {
    "support_ticket.created": {
      event: "support_ticket.created";
      event_id: string;
      created_at: string;
      schema_version?: number;
      ticket: {
        id: string;
        subject: string;
        /** What the customer wrote, as received. */
        body: string;
        channel: string;
        /** BCP 47; und where nobody can say. */
        language?: string;
      };
      customer: {
        id: string;
        plan: string;
        /** Yearly revenue in US dollars. */
        arr: number;
        region?: string;
        email?: string;
      };
    };
  }
}

declare global {
  interface SluicePrompts {
    "support_ticket_classifier": {
      category: "billing" | "bug" | "sales" | "account" | "how_to" | "other";
      urgency: "low" | "medium" | "high";
      confidence: number;
      reason: string;
    };
  }
}

export {};
