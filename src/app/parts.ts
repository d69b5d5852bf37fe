import type { PromptRegistry } from "../prompt/registry.ts";
import type { SqliteStore } from "../store/sqlite/open.ts";
import type { Worker } from "../worker/worker.ts";
import type { Engine } from "../workflow/engine.ts";
import type { Deployed } from "../workflow/open.ts";
import type { AuditFollower } from "./audit.ts";
import type { RetentionFollower } from "./retention.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { Datasets } from "./datasets.ts";
import type { KeptEventsFollower } from "./kept-events.ts";
import type { Room } from "./patient-store.ts";
import type { Project } from "./project.ts";
import type { ServingFollower } from "./serving.ts";
import type { RunEvents } from "./run-events.ts";

/** What one process is made of. One per process. */
export interface Parts {
  engine: Engine;
  store: SqliteStore;
  room: Room;
  project: Project;
  /** Versions of files and store; follows what is published. */
  prompts: PromptRegistry;
  workflows: ReadonlyMap<string, Deployed>;
  worker: Worker;
  events: RunEvents;
  datasets: Datasets;
  feed: ChangeFeed;
  audit: AuditFollower;
  keptEvents: KeptEventsFollower;
  retention: RetentionFollower;
  serving: ServingFollower;
}
