import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { Navigation } from "./navigation.tsx";

/** The navigation over the page, where there is no room beside it. */
export function NavigationDrawer({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Drawer
      opened
      onClose={onClose}
      size={240}
      title="Sluice"
      padding="xs"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Navigation onGo={onClose} />
    </Drawer>
  );
}
