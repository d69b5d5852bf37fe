import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../../src/testing/crash/child.ts";
import type { Child } from "../../src/testing/crash/child.ts";
import { startTroubledModel } from "./model.ts";
import type { TroubledModel } from "./model.ts";
import { writeCrashProject } from "./project.ts";

const DESK = fileURLToPath(new URL("../../examples/support-triage/desk/main.ts", import.meta.url));

export interface DeskLine {
  key: string;
  ticket_id: string;
  outcome: string;
}

/** Everything that stays while servers come and go: the project, the ticket desk with its file, the model. */
export class Outside {
  readonly folder: string;
  readonly project: string;
  readonly model: TroubledModel;
  readonly env: Readonly<Record<string, string>>;
  readonly #desk: Child;

  private constructor(folder: string, desk: Child, deskUrl: string, model: TroubledModel) {
    this.folder = folder;
    this.project = join(folder, "project");
    this.model = model;
    this.#desk = desk;
    this.env = {
      SLUICE_PROVIDERS: JSON.stringify({ local: { baseUrl: model.url, apiKey: "none" } }),
      SUPPORT_DESK_URL: deskUrl,
    };
  }

  /** The desk is slow, is out now and then (503), and now and then does what it is asked and answers 500. */
  static async open(seed: number): Promise<Outside> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-outside-"));
    const options = [
      "--file",
      join(folder, "effects.jsonl"),
      "--latency",
      "20ms",
      "--fail",
      "0.06",
      "--seed",
      `${seed}`,
    ];
    const desk = startChild([DESK, ...options], {});
    const said = await desk.says(/listens on (\S+)/);
    if (said === null) throw new Error(`The ticket desk has ended:\n${desk.errors()}`);
    const outside = new Outside(folder, desk, said[1] as string, await startTroubledModel(seed));
    await writeCrashProject(outside.project);
    return outside;
  }

  /** The desk's own file: every request it received, whether or not its answer reached anybody. */
  async desk(): Promise<DeskLine[]> {
    const text = await readFile(join(this.folder, "effects.jsonl"), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as DeskLine);
  }

  async close(): Promise<void> {
    await this.#desk.stop();
    await this.model.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
