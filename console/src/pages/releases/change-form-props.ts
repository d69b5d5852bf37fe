import type { Release, ReleaseChange } from "../../api/schema.gen.ts";

export interface ChangeFormProps {
  present: Release;
  change: ReleaseChange;
  onChange(change: ReleaseChange): void;
}
