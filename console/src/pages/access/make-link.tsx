import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { Failed } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./access.module.css";
import { Once } from "./once.tsx";
import { WantedFields } from "./wanted.tsx";
import type { Wanted } from "./wanted.tsx";

const LIFETIMES = [
  { value: "15m", label: "15 minutes" },
  { value: "1h", label: "1 hour" },
  { value: "8h", label: "8 hours" },
  { value: "24h", label: "24 hours" },
];

/** Makes a link that signs somebody in once. */
export function MakeLink({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [wanted, setWanted] = useState<Wanted>({ name: "", role: "reviewer", expires: "15m" });
  const make = useMutation({
    mutationFn: () =>
      call("POST /v1/login-links", {
        body: { name: wanted.name.trim(), role: wanted.role, expires_in: wanted.expires },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <Modal opened onClose={onClose} title="Let somebody in" closeButtonProps={{ "aria-label": "Close" }}>
      {make.data === undefined ? (
        <form
          className={css["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <WantedFields wanted={wanted} onChange={setWanted} nameLabel="Their name" lifetimes={LIFETIMES} />
          {make.isError && <Failed error={make.error} />}
          <div className={css["buttons"]}>
            <Button type="submit" disabled={wanted.name.trim() === ""} loading={make.isPending}>
              Make the link
            </Button>
          </div>
        </form>
      ) : (
        <Once secret={make.data.url} what="link" onClose={onClose}>
          Send it to {wanted.name.trim()}. It signs in whoever opens it first, once, and is good until{" "}
          <Time at={make.data.expires_at} />.
        </Once>
      )}
    </Modal>
  );
}
