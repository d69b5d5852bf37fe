import {
  IconActivity,
  IconChecklist,
  IconFileText,
  IconMailExclamation,
  IconPlugConnected,
  IconSitemap,
  IconStairsUp,
  IconTestPipe,
  IconTool,
} from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";

export interface Destination {
  to:
    | "/runs"
    | "/reviews"
    | "/dead-letters"
    | "/workflows"
    | "/releases"
    | "/prompts"
    | "/evals"
    | "/contracts"
    | "/tools";
  label: string;
  icon: Icon;
  /** Two keys that lead there. */
  keys: string;
}

/** The one navigation: what happens first, then what is deployed. */
export const DESTINATIONS: readonly Destination[] = [
  { to: "/runs", label: "Runs", icon: IconActivity, keys: "g r" },
  { to: "/reviews", label: "Reviews", icon: IconChecklist, keys: "g v" },
  { to: "/dead-letters", label: "Dead letters", icon: IconMailExclamation, keys: "g d" },
  { to: "/workflows", label: "Workflows", icon: IconSitemap, keys: "g w" },
  { to: "/releases", label: "Releases", icon: IconStairsUp, keys: "g l" },
  { to: "/prompts", label: "Prompts", icon: IconFileText, keys: "g p" },
  { to: "/evals", label: "Evals", icon: IconTestPipe, keys: "g e" },
  { to: "/contracts", label: "Contracts", icon: IconPlugConnected, keys: "g c" },
  { to: "/tools", label: "Tools", icon: IconTool, keys: "g t" },
];

/** Where the second group of the navigation begins. */
export const DEPLOYED_FROM = 3;
