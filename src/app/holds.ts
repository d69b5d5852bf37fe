import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Hold } from "../journal/hold.ts";
import { knowHolds } from "./known-holds.ts";
import type { Parts } from "./parts.ts";
import type { Actor } from "./actor.ts";
import type { Holding } from "./holding.ts";

/** Pausing and resuming workflows. Throws `UsageError`: unknown_workflow (404), not_on_hold (409). */
export function holdsOf(parts: Parts): Holding {
  const { store, engine, worker } = parts;
  return {
    async pause(workflow, actor: Actor, reason) {
      await assertKnown(parts, workflow);
      const hold = await store.pause({ holdId: newId("hld"), workflow, by: actor.name, reason });
      await knowHolds(engine, store);
      return hold;
    },
    async resume(workflow, actor: Actor, reason, perMinute) {
      await assertKnown(parts, workflow);
      const hold = await store.resume({ workflow, by: actor.name, reason, perMinute });
      if (hold === null) throw await notOnHold(parts, workflow);
      await knowHolds(engine, store);
      worker.poke();
      return hold;
    },
    presentHolds: () => store.presentHolds(),
    async holdsOf(workflow) {
      await assertKnown(parts, workflow);
      return await store.holdsOf(workflow);
    },
  };
}

/** What a release holds, only another release lets go. */
async function notOnHold({ store }: Parts, workflow: string): Promise<UsageError> {
  const present = (await store.presentHolds()).find((hold) => hold.workflow === workflow && hold.cause === "release");
  const message =
    present === undefined
      ? `Workflow ${workflow} is not on hold.`
      : `Workflow ${workflow} is not on hold by a command: ${present.acts.at(-1)?.reason} is off. Switch it on again with "sluice release on ${workflow}".`;
  return new UsageError("not_on_hold", message, { status: 409 });
}

/** A workflow that is not deployed any more may still be on hold. */
async function assertKnown({ project, store }: Parts, name: string): Promise<void> {
  if (project.workflows.has(name)) return;
  const held: Hold[] = await store.holdsOf(name);
  if (held.length > 0) return;
  const message = `There is no workflow ${JSON.stringify(name)}. ${didYouMean(name, project.workflows.keys())}`;
  throw new UsageError("unknown_workflow", message.trimEnd(), { status: 404 });
}
