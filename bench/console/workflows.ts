/** One workflow of the benchmark's project: what its files say and what its runs are made of. */
export interface Shape {
  workflow: string;
  eventType: string;
  /** Property of the event that is worked on, and the beginning of its ids. */
  item: string;
  idPrefix: string;
  prompt: string;
  slot: string;
  /** Oldest first; the last is what the present release serves. */
  versions: readonly { version: string; model: string }[];
  read: string;
  write: string;
  category: readonly string[];
  team: string;
  subjects: readonly string[];
  /** Share of all runs. */
  share: number;
}

const MODELS = ["openai/gpt-4.1-mini", "openai/gpt-4.1", "local/in-context"] as const;

function versions(...names: string[]): Shape["versions"] {
  return names.map((version, at) => {
    const model = at === names.length - 1 ? MODELS[2] : MODELS[at % 2];
    return { version, model: model ?? MODELS[0] };
  });
}

export const SHAPES: readonly Shape[] = [
  {
    workflow: "ticket_triage",
    eventType: "ticket.created",
    item: "ticket",
    idPrefix: "tkt",
    prompt: "ticket_classifier",
    slot: "classify",
    versions: versions("2026-03-02.1", "2026-04-11.2", "2026-05-20.3", "2026-05-29.1"),
    read: "load_account",
    write: "create_escalation",
    category: ["billing", "bug", "account", "how_to", "other"],
    team: "support",
    subjects: [
      "Charged twice after upgrading",
      "Cannot log in since yesterday",
      "Doppelte Abbuchung nach Verlängerung für Müller GmbH",
      "二重に請求されました",
      "How do I export all invoices",
      "Application crashes while uploading pictures",
    ],
    share: 0.55,
  },
  {
    workflow: "refund_review",
    eventType: "refund.requested",
    item: "refund",
    idPrefix: "rfd",
    prompt: "refund_assessor",
    slot: "assess",
    versions: versions("2026-04-01.1", "2026-05-10.1", "2026-05-28.2"),
    read: "search_invoices",
    write: "issue_refund",
    category: ["refund", "partial_refund", "decline"],
    team: "billing",
    subjects: [
      "Annual plan cancelled within two weeks",
      "Parcel arrived damaged",
      "Subscription renewed without notice",
      "Wrong size delivered",
    ],
    share: 0.25,
  },
  {
    workflow: "lead_scoring",
    eventType: "lead.captured",
    item: "lead",
    idPrefix: "lead",
    prompt: "lead_scorer",
    slot: "score",
    versions: versions("2026-05-01.1", "2026-05-22.1"),
    read: "look_up_company",
    write: "assign_owner",
    category: ["hot", "warm", "cold"],
    team: "sales",
    subjects: ["Wants a demo for four hundred seats", "Asked for security papers", "Downloaded the price list"],
    share: 0.15,
  },
  {
    workflow: "contract_intake",
    eventType: "contract.received",
    item: "contract",
    idPrefix: "ctr",
    prompt: "clause_reader",
    slot: "read",
    versions: versions("2026-05-15.1", "2026-05-30.1"),
    read: "find_counterparty",
    write: "file_contract",
    category: ["standard", "needs_lawyer", "reject"],
    team: "legal",
    subjects: ["Master agreement with data appendix", "Auftragsverarbeitung, zweite Fassung", "Non-disclosure, mutual"],
    share: 0.05,
  },
];

/** Releases of a workflow: one more than it has prompt versions, the last two at wider stages. */
const STAGES = ["shadow", "suggestion", "partial", "narrow", "expanded"] as const;

export function releasesOf(shape: Shape): { number: number; stage: (typeof STAGES)[number]; version: number }[] {
  return STAGES.map((stage, at) => {
    const version = Math.min(shape.versions.length - 1, Math.floor((at * shape.versions.length) / (STAGES.length - 1)));
    return { number: at + 1, stage, version };
  });
}
