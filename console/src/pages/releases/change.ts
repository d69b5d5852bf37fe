import type { Release, ReleaseChange } from "../../api/schema.gen.ts";

type Plain = "stage" | "share" | "scope" | "automation" | "sample" | "risk_threshold" | "when_off" | "assign_by";
type SlotChange = NonNullable<ReleaseChange["prompts"]>[string];

/** `change` with one field set; what is as it is at present is no change. */
export function withField<K extends Plain>(
  change: ReleaseChange,
  present: Release,
  name: K,
  value: Release[K],
): ReleaseChange {
  const { [name]: _, ...rest } = change;
  return value === present[name] ? rest : { ...rest, [name]: value };
}

export function withThreshold(change: ReleaseChange, present: Release, name: string, value: number): ReleaseChange {
  const { [name]: _, ...others } = change.thresholds ?? {};
  const thresholds = value === present.thresholds[name] ? others : { ...others, [name]: value };
  return withPart(change, "thresholds", thresholds);
}

/** Whether it may be called: what is revoked stays named among the tools. */
export function isGranted({ tools, revoked }: Pick<Release, "tools" | "revoked">, tool: string): boolean {
  return tools.includes(tool) && !revoked.includes(tool);
}

/** Grants a tool, or takes it away. */
export function withTool(change: ReleaseChange, present: Release, name: string, isWanted: boolean): ReleaseChange {
  const { grant = [], revoke = [] } = change.tools ?? {};
  const [others, taken] = [grant.filter((each) => each !== name), revoke.filter((each) => each !== name)];
  const isPresent = isGranted(present, name);
  const next = {
    grant: isWanted && !isPresent ? [...others, name] : others,
    revoke: !isWanted && isPresent ? [...taken, name] : taken,
  };
  const tools = Object.fromEntries(Object.entries(next).filter(([, names]) => names.length > 0));
  return withPart(change, "tools", tools);
}

/** Sets members of a slot; `undefined` takes a member out of the change. */
export function withSlot(
  change: ReleaseChange,
  slot: string,
  members: { [name in keyof SlotChange]?: SlotChange[name] | undefined },
): ReleaseChange {
  const { [slot]: before = {}, ...others } = change.prompts ?? {};
  const next = Object.fromEntries(
    Object.entries({ ...before, ...members }).filter(([, value]) => value !== undefined),
  ) as SlotChange;
  return withPart(change, "prompts", Object.keys(next).length === 0 ? others : { ...others, [slot]: next });
}

function withPart<K extends "thresholds" | "tools" | "prompts">(
  change: ReleaseChange,
  name: K,
  part: NonNullable<ReleaseChange[K]>,
): ReleaseChange {
  const { [name]: _, ...rest } = change;
  return Object.keys(part).length === 0 ? rest : { ...rest, [name]: part };
}

export function isEmptyChange(change: ReleaseChange): boolean {
  return Object.keys(change).length === 0;
}
