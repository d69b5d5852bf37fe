import type { Role } from "../../api/session.ts";

/** Each role may do what those before it may, and: */
export const MAY: readonly { role: Role; may: string }[] = [
  { role: "viewer", may: "Looks at runs, workflows, prompts and the queue, with sensitive values redacted." },
  { role: "reviewer", may: "Decides reviews, and sees the sensitive values that a review reveals." },
  { role: "editor", may: "Nothing more yet: for those who will change datasets and prompts." },
  { role: "operator", may: "Sends events, cancels, redrives, reveals originals with a reason, sees the quarantine." },
  { role: "admin", may: "Lets people and programs in, and puts them out." },
];
