import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { call } from "../api/client.ts";
import { atLeast, sessionQuery } from "../api/session.ts";
import { count } from "../parts/format.ts";
import { Keys } from "../parts/keys.tsx";
import { Account } from "./account.tsx";
import { DEPLOYED_FROM, DESTINATIONS } from "./destinations.ts";
import type { Destination } from "./destinations.ts";
import css from "./frame.module.css";
import { LineLight } from "./line.tsx";
import { openPalette } from "./open-palette.ts";

/** The column at the left; `onGo` closes it where it lies over the page. */
export function Navigation({ onGo }: { onGo?: () => void }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  return (
    <nav className={css["nav"]} aria-label="Main">
      <Link to="/" className={css["brand"]} {...(onGo === undefined ? {} : { onClick: onGo })}>
        <img src="/assets/icon.svg" alt="" width={22} height={22} />
        Sluice
      </Link>
      <button type="button" className={css["find"]} onClick={openPalette}>
        <IconSearch size={15} aria-hidden="true" />
        <span>Find anything</span>
        <Keys keys="mod+k" />
      </button>
      <Items items={DESTINATIONS.slice(0, DEPLOYED_FROM)} onGo={onGo} />
      <p className={css["group"]}>Deployed</p>
      <Items items={DESTINATIONS.slice(DEPLOYED_FROM)} onGo={onGo} />
      <div className={css["foot"]}>
        <LineLight />
        <Menu position="top-start" width={240}>
          <Account session={session} isAdmin={atLeast(session, "admin")} />
        </Menu>
      </div>
    </nav>
  );
}

function Items({ items, onGo }: { items: readonly Destination[]; onGo: (() => void) | undefined }): ReactNode {
  return (
    <ul className={css["items"]}>
      {items.map(({ to, label, icon: Icon, keys }) => (
        <li key={to}>
          <Link
            to={to}
            className={css["item"]}
            activeProps={{ "data-active": true }}
            title={`${label} (${keys})`}
            {...(onGo === undefined ? {} : { onClick: onGo })}
          >
            <Icon size={17} stroke={1.6} aria-hidden="true" />
            <span className={css["label"]}>{label}</span>
            {to === "/reviews" && <OpenReviews />}
            {to === "/dead-letters" && <DeadRuns />}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function OpenReviews(): ReactNode {
  const { data } = useQuery({
    queryKey: ["reviews", "counts", {}],
    queryFn: ({ signal }) => call("GET /v1/reviews/counts", { signal }),
  });
  return <Waiting n={data?.open} what="open" tone="wait" />;
}

function DeadRuns(): ReactNode {
  const { data } = useQuery({
    queryKey: ["runs", "counts", { status: "dead" }],
    queryFn: ({ signal }) => call("GET /v1/runs/counts", { query: { status: "dead" }, signal }),
  });
  return <Waiting n={data?.dead} what="dead" tone="bad" />;
}

function Waiting({ n, what, tone }: { n: number | undefined; what: string; tone: "wait" | "bad" }): ReactNode {
  if (n === undefined || n === 0) return null;
  return (
    <span className={`${css["count"]} ${css[tone]}`} aria-label={`${count(n)} ${what}`}>
      {n > 9_999 ? `${Math.floor(n / 1_000)}k` : count(n)}
    </span>
  );
}
