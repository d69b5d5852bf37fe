import type { ReactNode } from "react";
import css from "./notice.module.css";

/** Something that has happened meanwhile, and what can be done about it; read out when it comes. */
export function Notice({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className={css["notice"]} role="alert" aria-label={title}>
      <p className={css["title"]}>{title}</p>
      {children}
    </section>
  );
}
