import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { createKeyring } from "../journal/keyring.ts";
import type { Keyring } from "../journal/keyring.ts";
import type { JournalStore } from "../journal/ports.ts";
import { RecentJournals } from "../journal/recent.ts";
import { RunJournal } from "../journal/run-journal.ts";
import { localRates } from "../model/rates.ts";
import { openModels } from "../model/registry.ts";
import { openSqliteBeside } from "../store/sqlite/open-beside.ts";
import type { StoreBeside } from "../store/sqlite/open-beside.ts";
import { AwaitedTypes } from "../workflow/awaited.ts";
import type { Engine } from "../workflow/engine.ts";
import { foresee, foreseen } from "../workflow/foresee.ts";
import type { Foresight } from "../workflow/foresee.ts";
import { Controls } from "../workflow/controls.ts";
import { Holds } from "../workflow/holds.ts";
import type { Deployed } from "../workflow/open.ts";
import { nodeMatcher } from "../workflow/picture-match.ts";
import { vocabularyOf } from "../workflow/vocabulary.ts";
import type { LookoutAsked, LookoutData, LookoutTold } from "./live-check-protocol.ts";
import { loadProject } from "./project.ts";
import type { Project } from "./project.ts";
import { pictureOf } from "./workflow-picture.ts";

/** A workflow of the project's files, and which steps its source names. */
interface Candidate {
  deployed: Deployed;
  named(step: string): boolean | null;
}

async function main(port: MessagePort, data: LookoutData): Promise<void> {
  const tell = (told: LookoutTold): void => port.postMessage(told);
  const project = await loadProject(data.dir, { env: data.env, flags: { data: data.dataDir } });
  const keyring = createKeyring(data.masterKey);
  const store = await openSqliteBeside({ dataDir: data.dataDir, chainKey: keyring.chainKey, clock: systemClock });
  const candidates = new Map([...project.workflows.keys()].map((name) => [name, candidate(project, name)]));
  const engine = engineFor(project, keyring, data.env);
  const look = async (runId: string): Promise<void> => {
    tell({ begins: runId });
    const found = await lookAt(runId, { store, engine, candidates, limitMs: data.limitMs });
    if (found !== null) tell({ runId, found });
  };
  const lookAll = async (asked: LookoutAsked): Promise<void> => {
    for (const runId of asked) await look(runId);
    tell({ ready: true });
  };
  // The next are asked for once these are told.
  port.on("message", (asked: LookoutAsked) => void lookAll(asked));
  tell({ ready: true });
}

function candidate(project: Project, name: string): Candidate {
  const { workflow, code } = project.workflows.get(name) as NonNullable<ReturnType<Project["workflows"]["get"]>>;
  const { nodes, problems } = pictureOf(project, name);
  const match = nodeMatcher(nodes);
  const vocabulary = vocabularyOf(workflow, project.prompts, project.contracts);
  const named = (step: string): boolean | null => (match(step) !== null ? true : problems.length > 0 ? null : false);
  return { deployed: { workflow, code, vocabulary }, named };
}

/** Everything that would leave or write is not there. */
function engineFor(project: Project, keyring: Keyring, env: LookoutData["env"]): Engine {
  const never = (): Promise<never> => Promise.reject(new Error("A look ahead calls nothing."));
  const store = new Proxy({} as JournalStore & Engine["store"], { get: () => never });
  const { config, prompts, contracts } = project;
  return {
    store,
    keyring,
    clock: systemClock,
    models: openModels({ config, env, startLocal: never, scripted: { call: never } }),
    rates: localRates({}, systemClock),
    prompts,
    contracts,
    awaited: new AwaitedTypes([], contracts, []),
    determinism: "throw",
    recent: new RecentJournals(),
    holds: new Holds(),
    controls: new Controls(),
    log: () => {},
    probe: () => {},
  };
}

interface Given {
  store: StoreBeside;
  engine: Engine;
  candidates: ReadonlyMap<string, Candidate>;
  limitMs: number;
}

/** Null where the run is gone, or has ended since it was listed. */
async function lookAt(runId: string, { store, engine, candidates, limitMs }: Given): Promise<Foresight | null> {
  const loaded = await store.load(runId);
  if (loaded === null || ["completed", "stopped", "cancelled"].includes(loaded.run.status)) return null;
  const { run } = loaded;
  const known = candidates.get(run.workflow);
  if (known === undefined) return foreseen("missing", `The workflow ${run.workflow} is not in the project.`);
  const { deployed, named } = known;
  if (run.codePin !== null && run.codePin !== deployed.code) {
    const short = (code: string): string => code.slice(0, 12);
    return foreseen(
      "pinned",
      `It waits for a worker with code ${short(run.codePin)}; this is ${short(deployed.code)}.`,
    );
  }
  if (loaded.wrappedKey === null || run.originalsRemovedAt !== null)
    return foreseen("unknown", "Its original values were removed, so its steps cannot be compared.");
  try {
    const { keyring } = engine;
    const { journal, records } = await RunJournal.open(loaded, { keyring, store, vocabulary: deployed.vocabulary });
    // Nothing of it has begun: it pins what is there when it does.
    if (run.pins === null && records.length === 1) return foreseen("safe");
    const control = await store.control(run.workflow);
    return await foresee({ engine, deployed, run, control, journal, records, named, limitMs });
  } catch (error) {
    return foreseen("unknown", `It cannot be looked at: ${(error as Error).message}`);
  }
}

if (parentPort !== null) await main(parentPort, workerData as LookoutData);
