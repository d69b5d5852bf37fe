import type { JsonObject } from "../base/json.ts";
import { lowerStage } from "../base/stage.ts";
import type { Stage } from "../base/stage.ts";
import type { ControlRow } from "../journal/ports.ts";
import { isInShare, isSampled, stageFor } from "../release/assign.ts";
import type { Pins, Release, RiskThreshold } from "../release/release.ts";
import { lowerRisk } from "../tool/define.ts";
import type { Controls, Present } from "./controls.ts";

/** A limit with the release that sets it. */
export interface Bound {
  rule: string;
  release: number;
  thresholds: Record<string, number>;
}

/** What one run may do: the lower of what it has pinned and the present release. */
export class Permission {
  readonly #pins: Pins;
  readonly #event: JsonObject;
  readonly #workflow: string;
  readonly #controls: Controls;
  #own: Present | null;

  /** `control`: as it was read with the run. Where it is null, the run goes by its pins alone. */
  constructor(
    run: { pins: Pins; event: JsonObject; workflow: string },
    control: ControlRow | null,
    controls: Controls,
  ) {
    this.#pins = run.pins;
    this.#event = run.event;
    this.#workflow = run.workflow;
    this.#controls = controls;
    this.#own = control === null ? null : controls.take(control);
  }

  /** What the store said is present by now. */
  set(control: ControlRow | null): void {
    this.#own = control === null ? null : this.#controls.take(control);
  }

  get #present(): Present | null {
    const known = this.#controls.get(this.#workflow);
    const own = this.#own;
    return own !== null && known !== null && known.version > own.version ? known : own;
  }

  /** Of the control row that everything here goes by; 0 where there is none. */
  get version(): number {
    return this.#present?.version ?? 0;
  }

  get release(): Release | null {
    return this.#present?.release ?? null;
  }

  get stage(): Stage {
    const present = this.release;
    return present === null ? this.#pins.stage : lowerStage(this.#pins.stage, stageFor(present, this.#event));
  }

  /** What becomes of the run where its stage is off. A release that holds its events holds the run that pinned another one, too. */
  get whenOff(): "hold" | "review" {
    const present = this.release;
    return present?.stage === "off" ? present.whenOff : (this.#pins.whenOff ?? "hold");
  }

  /** The share that leaves its key out, in words for people; null: it is inside. */
  get outsideShare(): string | null {
    const present = this.release;
    if (present !== null && !isInShare(present, this.#event)) return shareWords(present.share, present.number);
    return this.#pins.inShare === false ? `the traffic share of release ${this.#pins.release}` : null;
  }

  get grants(): { tools: string[]; revoked: string[] } {
    const present = this.release;
    if (present === null) return { tools: this.#pins.tools, revoked: [] };
    return { tools: this.#pins.tools.filter((tool) => present.tools.includes(tool)), revoked: present.revoked };
  }

  get riskThreshold(): RiskThreshold {
    const present = this.release;
    return present === null ? this.#pins.riskThreshold : lowerRisk(this.#pins.riskThreshold, present.riskThreshold);
  }

  /** Outside any of them a person decides. */
  get scopes(): Bound[] {
    return this.#bounds(this.#pins.scope, this.release?.scope);
  }

  get automations(): Bound[] {
    return this.#bounds(this.#pins.automation, this.release?.automation);
  }

  #bounds(pinned: string | null | undefined, present: string | null | undefined): Bound[] {
    const bounds: Bound[] = [];
    const { release, thresholds } = this.#pins;
    if (typeof pinned === "string") bounds.push({ rule: pinned, release, thresholds });
    const now = this.release;
    // The same rule may say something else with the present thresholds.
    if (now !== null && typeof present === "string" && (present !== pinned || now.number !== release))
      bounds.push({ rule: present, release: now.number, thresholds: now.thresholds });
    return bounds;
  }

  /** Whether a decision that nobody would have to look at goes to a person as part of the random sample. */
  get sampled(): boolean {
    const present = this.release;
    const sample = Math.max(this.#pins.sample ?? 0, present?.sample ?? 0);
    return isSampled(sample, present?.salt ?? this.#workflow, this.#event);
  }
}

function shareWords(share: number, release: number): string {
  return `the traffic share of ${Math.round(share * 10_000) / 100} % of release ${release}`;
}
