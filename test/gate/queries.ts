/** A labelled set of customers' queries at a bank, as an outside tester would bring one: twenty intents, and what is for nobody here. */
export interface Query {
  id: string;
  text: string;
  channel: "chat" | "voice" | "mail";
  intent: string;
  /** Money or access is being lost while it waits. */
  urgent: boolean;
}

interface Intent {
  name: string;
  urgent: boolean;
  /** What it is taken for by somebody who does not look closely. */
  sibling: string;
  ways: readonly string[];
}

const URGENT: readonly Intent[] = [
  {
    name: "card_stolen",
    urgent: true,
    sibling: "card_order",
    ways: [
      "somebody took my {card} {when}, block it",
      "my {card} was stolen {when}",
      "block the {card}, it is gone since {when}",
      "bag snatched {when} with the {card} in it",
    ],
  },
  {
    name: "fraud_running",
    urgent: true,
    sibling: "charge_unknown",
    ways: [
      "payments I do not make leave my {account}, the last {when}",
      "somebody is buying with my {card} right now, began {when}",
      "I typed my code into a false page {when}, money is leaving the {account}",
      "stop the transfer of {when} from my {account}, it was a fraud",
    ],
  },
  {
    name: "access_taken",
    urgent: true,
    sibling: "password_change",
    ways: [
      "a stranger changed the number of my {account} {when}",
      "I am locked out and somebody else is in my {account} since {when}",
      "my password was changed {when} and not by me, {account}",
      "the app shows a login to my {account} from abroad {when}",
    ],
  },
];

const ORDINARY: readonly (readonly [name: string, first: string, second: string])[] = [
  ["balance", "what is on my {account} as of {when}", "how much is left on the {account} after {when}"],
  [
    "card_order",
    "I would like another {card}, no rush, from {when} on",
    "send me a new {card}, mine is worn since {when}",
  ],
  ["card_limit", "raise the limit of my {card} for {when}", "what is the limit of the {card} {when}"],
  ["card_abroad", "does my {card} work abroad {when}", "I travel {when}, is the {card} fine there"],
  [
    "charge_unknown",
    "what is this charge on my {account} {when}",
    "I do not recall a payment of {when} on the {account}",
  ],
  ["transfer_how", "how do I transfer from my {account} {when}", "can I send money from the {account} {when}"],
  [
    "transfer_status",
    "where is the transfer of {when} from my {account}",
    "has the money of {when} reached the {account}",
  ],
  [
    "standing_order",
    "change the standing order on my {account} of {when}",
    "end the standing order of the {account} {when}",
  ],
  ["loan_terms", "what does a loan cost beside my {account} {when}", "loan for a car, paid from the {account}, {when}"],
  [
    "mortgage",
    "when can I talk about a mortgage, {when}, with my {account}",
    "mortgage rate of {when} for holders of a {account}",
  ],
  ["interest", "what interest does the {account} bear {when}", "did the rate of the {account} change {when}"],
  ["fees", "why was there a fee on my {account} {when}", "what are the fees of the {account} from {when}"],
  [
    "statement",
    "send me the statement of the {account} of {when}",
    "where do I find statements of the {account} before {when}",
  ],
  ["address_change", "I move {when}, new address for the {account}", "change my address on the {account} {when}"],
  [
    "password_change",
    "how do I change the password of my {account} {when}",
    "I want another password for the {account} {when}",
  ],
  [
    "branch_hours",
    "is the branch open {when}, it is about my {account}",
    "opening hours {when} for questions on the {account}",
  ],
  ["account_close", "close my {account} at the end of {when}", "what do I need for closing the {account} {when}"],
];

const OUT_OF_SCOPE: readonly string[] = [
  "what is the weather {when}",
  "book a table for two {when}",
  "who won the match {when}",
  "tell me something funny about {when}",
  "how long do potatoes boil, I eat {when}",
  "is my flight of {when} on time",
];

const CARDS = ["credit card", "debit card", "gold card", "company card", "prepaid card"];
const ACCOUNTS = ["savings account", "current account", "joint account", "business account", "old account", "deposit"];
const WHEN = [
  "an hour ago",
  "last night",
  "this morning",
  "on Monday",
  "yesterday",
  "at noon",
  "before lunch",
  "last week",
];

function texts(ways: readonly string[], many: number): string[] {
  const all = ways.flatMap((way) =>
    (way.includes("{card}") ? CARDS : way.includes("{account}") ? ACCOUNTS : [""]).flatMap((thing) =>
      WHEN.map((when) => way.replace("{card}", thing).replace("{account}", thing).replace("{when}", when)),
    ),
  );
  // Every so many-th, so that all ways and things are met.
  return Array.from(
    { length: Math.min(many, all.length) },
    (_, i) => all[Math.floor((i * all.length) / many)] as string,
  );
}

/** `many` urgent ones of each kind, half as many of every other. */
export function queries(many: number): Query[] {
  const intents = [
    ...URGENT,
    ...ORDINARY.map(([name, ...ways]): Intent => ({ name, urgent: false, sibling: siblingOf(name), ways })),
    { name: "out_of_scope", urgent: false, sibling: "branch_hours", ways: OUT_OF_SCOPE },
  ];
  const channels = ["chat", "voice", "mail"] as const;
  const all = intents.flatMap(({ name, urgent, ways }) =>
    texts(ways, urgent ? many : Math.ceil(many / 2)).map((text) => ({ text, intent: name, urgent })),
  );
  return all.map((query, i) => ({ id: `q${i + 1}`, channel: channels[i % 3] as Query["channel"], ...query }));
}

/** What a wrong answer says in place of the intent. */
export function siblingOf(intent: string): string {
  const urgent = URGENT.find(({ name }) => name === intent);
  if (urgent !== undefined) return urgent.sibling;
  const at = ORDINARY.findIndex(([name]) => name === intent);
  return (ORDINARY[(at + 1) % ORDINARY.length] as readonly string[])[0] as string;
}

export const INTENTS: readonly string[] = [
  ...URGENT.map(({ name }) => name),
  ...ORDINARY.map(([name]) => name),
  "out_of_scope",
];
