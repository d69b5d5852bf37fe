import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Copy } from "../../parts/copy.tsx";
import css from "./access.module.css";

interface OnceProps {
  secret: string;
  what: string;
  onClose: () => void;
  children: ReactNode;
}

/** A secret that no one sees again once this is closed. */
export function Once({ secret, what, onClose, children }: OnceProps): ReactNode {
  return (
    <div className={css["form"]}>
      <p className={css["shown"]}>{children}</p>
      <div className={css["secret"]}>
        <code data-secret>{secret}</code>
        <Copy text={secret} what={what} />
      </div>
      <p className={css["dim"]}>It is shown this once: only its hash is kept.</p>
      <div className={css["buttons"]}>
        <Button onClick={onClose}>Close</Button>
      </div>
    </div>
  );
}
