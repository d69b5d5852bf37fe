import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./copy.module.css";

/** A button that copies `text`; `what` names it to those who do not see the picture. */
export function Copy({ text, what }: { text: string; what: string }): ReactNode {
  const { copied, copy } = useClipboard({ timeout: 1_500 });
  return (
    <button
      type="button"
      className={css["button"]}
      title={copied ? "Copied" : `Copy ${what}`}
      aria-label={copied ? "Copied" : `Copy ${what}`}
      onClick={(event) => {
        event.stopPropagation();
        event.preventDefault();
        copy(text);
      }}
    >
      {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </button>
  );
}

/** An id as it is, with a button that copies it. */
export function Id({ id, what = "id" }: { id: string; what?: string }): ReactNode {
  return (
    <span className={css["id"]}>
      <span className={css["text"]}>{id}</span>
      <Copy text={id} what={what} />
    </span>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }): ReactNode {
  return (
    <span className={css["command"]}>
      <code className={css["text"]}>{text}</code>
      <Copy text={text} what="command" />
    </span>
  );
}
