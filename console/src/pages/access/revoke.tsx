import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Token } from "../../api/schema.gen.ts";
import { Failed } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./access.module.css";

interface RevokeProps {
  token: Token;
  isOwn: boolean;
  onClose: () => void;
}

const WHAT_ENDS = {
  bearer: "The program is refused from its next call on.",
  session: "They are signed out at once, in every tab. What they have done stays.",
  login: "Nobody can sign in with it any more.",
} as const;

/** Asks once more, since it cannot be taken back. */
export function Revoke({ token, isOwn, onClose }: RevokeProps): ReactNode {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call("DELETE /v1/tokens/{id}", { params: { id: token.token_id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["tokens"] });
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <>
          Revoke <Line text={token.name} max={60} />?
        </>
      }
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div className={css["form"]}>
        <p className={css["shown"]}>{WHAT_ENDS[token.kind]} It cannot be taken back.</p>
        {isOwn && <p className={css["shown"]}>This is your own session: you are signed out.</p>}
        {revoke.isError && <Failed error={revoke.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        </div>
      </div>
    </Modal>
  );
}
