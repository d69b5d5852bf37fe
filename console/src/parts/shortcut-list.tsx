import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./shortcuts.module.css";
import { Keys } from "./keys.tsx";
import type { ShortcutGroup } from "./shortcut.ts";

/** Every key that works here, by what it belongs to. */
export function ShortcutList({
  groups,
  onClose,
}: {
  groups: readonly ShortcutGroup[];
  onClose: () => void;
}): ReactNode {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={css["groups"]}>
        {groups.map((group) => (
          <GroupList key={group.name} group={group} />
        ))}
      </div>
    </Modal>
  );
}

function GroupList({ group }: { group: ShortcutGroup }): ReactNode {
  if (group.shortcuts.length === 0) return null;
  return (
    <section>
      <h3 className={css["name"]}>{group.name}</h3>
      <dl className={css["list"]}>
        {group.shortcuts.map(({ keys, label }) => (
          <div key={keys} className={css["row"]}>
            <dt>{label}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
