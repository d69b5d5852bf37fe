import { Modal, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { setPreferences, usePreferences } from "../parts/preferences.ts";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** Picks the time zone that times are shown in, by typing a part of its name. */
export function ZonePicker({ onClose }: { onClose: () => void }): ReactNode {
  const { timeZone } = usePreferences();
  return (
    <Modal opened onClose={onClose} title="Times in" closeButtonProps={{ "aria-label": "Close" }}>
      <Select
        label="Time zone"
        description="In this browser only; the server and the command line speak UTC."
        data={ZONES}
        value={timeZone === "local" ? null : timeZone}
        placeholder="Europe/…"
        searchable
        limit={200}
        nothingFoundMessage="No zone has this in its name"
        data-autofocus
        onChange={(zone) => {
          if (zone !== null) setPreferences({ timeZone: zone });
          onClose();
        }}
      />
    </Modal>
  );
}
