import { call } from "../api/client.ts";
import type { Input } from "../api/client.ts";
import type { Redrive, RedriveReport } from "../api/schema.gen.ts";

type Body = Input<"POST /v1/dead-letters/redrive">["body"];
type Careful = Pick<Body, "canary" | "rate" | "stop_on_failure_rate" | "min_sample">;

/** Counts, or redrives at once. */
export async function redriveNow(body: Omit<Body, keyof Careful>, signal?: AbortSignal): Promise<RedriveReport> {
  const answer = await call("POST /v1/dead-letters/redrive", { body, ...(signal === undefined ? {} : { signal }) });
  if ("matched" in answer) return answer;
  throw new Error(`It goes on in the background as ${answer.redrive_id}.`);
}

/** Begins a redrive that goes on by itself. */
export async function redriveCarefully(body: Omit<Body, "dry_run">): Promise<Redrive> {
  const answer = await call("POST /v1/dead-letters/redrive", { body });
  if ("redrive_id" in answer) return answer;
  throw new Error("It was done at once.");
}
