import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { Failed } from "../../parts/states.tsx";
import css from "./access.module.css";
import { Once } from "./once.tsx";
import { WantedFields } from "./wanted.tsx";
import type { Wanted } from "./wanted.tsx";

const NEVER = "never";
const LIFETIMES = [
  { value: "1d", label: "1 day" },
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
  { value: "365d", label: "A year" },
  { value: NEVER, label: "Until it is revoked" },
];

/** Makes a token for a program. */
export function MakeToken({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [wanted, setWanted] = useState<Wanted>({ name: "", role: "operator", expires: "90d" });
  const make = useMutation({
    mutationFn: () =>
      call("POST /v1/tokens", {
        body: {
          name: wanted.name.trim(),
          role: wanted.role,
          expires_in: wanted.expires === NEVER ? null : wanted.expires,
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <Modal opened onClose={onClose} title="Make a token" closeButtonProps={{ "aria-label": "Close" }}>
      {make.data === undefined ? (
        <form
          className={css["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <WantedFields wanted={wanted} onChange={setWanted} nameLabel="The program's name" lifetimes={LIFETIMES} />
          {make.isError && <Failed error={make.error} />}
          <div className={css["buttons"]}>
            <Button type="submit" disabled={wanted.name.trim() === ""} loading={make.isPending}>
              Make the token
            </Button>
          </div>
        </form>
      ) : (
        <Once secret={make.data.secret} what="token" onClose={onClose}>
          Give it to the program as <code>SLUICE_TOKEN</code>.
        </Once>
      )}
    </Modal>
  );
}
