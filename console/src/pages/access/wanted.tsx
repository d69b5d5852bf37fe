import { Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Role } from "../../api/session.ts";
import { MAY } from "./roles.ts";

export interface Wanted {
  name: string;
  role: Role;
  expires: string;
}

interface WantedFieldsProps {
  wanted: Wanted;
  onChange: (wanted: Wanted) => void;
  /** Whose name it is. */
  nameLabel: string;
  lifetimes: readonly { value: string; label: string }[];
}

/** Who is let in, as what, and for how long. */
export function WantedFields({ wanted, onChange, nameLabel, lifetimes }: WantedFieldsProps): ReactNode {
  return (
    <>
      <TextInput
        label={nameLabel}
        description="Shown beside all that is done with it."
        required
        maxLength={100}
        value={wanted.name}
        onChange={(event) => onChange({ ...wanted, name: event.currentTarget.value })}
        data-autofocus
      />
      <Select
        label="Role"
        description={MAY.find(({ role }) => role === wanted.role)?.may}
        data={MAY.map(({ role }) => role)}
        value={wanted.role}
        allowDeselect={false}
        onChange={(role) => onChange({ ...wanted, role: role ?? wanted.role })}
      />
      <Select
        label="Good for"
        data={[...lifetimes]}
        value={wanted.expires}
        allowDeselect={false}
        onChange={(expires) => onChange({ ...wanted, expires: expires ?? wanted.expires })}
      />
    </>
  );
}
