import { useEffect } from "react";
import type { ReactNode } from "react";
import css from "./page.module.css";

interface PageProps {
  /** The page's name in the browser's tab; a heading too, unless `heading` says otherwise. */
  title: string;
  heading?: ReactNode;
  /** One line under the heading. */
  about?: ReactNode;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  /** Fills the window's height and lets its parts scroll, as lists do; otherwise the page scrolls. */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, heading, about, actions, fill = false, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  return (
    <div className={fill ? css["fill"] : css["page"]}>
      <header className={css["head"]}>
        <div className={css["titles"]}>
          <h1 className={css["title"]}>{heading ?? title}</h1>
          {about !== undefined && <div className={css["about"]}>{about}</div>}
        </div>
        {actions !== undefined && <div className={css["actions"]}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A framed part of a page with a heading of its own. */
export function Section({ title, aside, children, flush = false }: SectionProps): ReactNode {
  return (
    <section className={css["section"]}>
      <header className={css["sectionHead"]}>
        <h2 className={css["sectionTitle"]}>{title}</h2>
        {aside !== undefined && <div className={css["aside"]}>{aside}</div>}
      </header>
      <div className={flush ? css["flush"] : css["body"]}>{children}</div>
    </section>
  );
}

interface SectionProps {
  title: ReactNode;
  aside?: ReactNode;
  /** Without room around the content, as tables want it. */
  flush?: boolean;
  children: ReactNode;
}

/** Names and values in two columns. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className={css["facts"]}>
      {facts.map(([name, value]) => (
        <div key={name} className={css["fact"]}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
