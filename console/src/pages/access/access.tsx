import { Button, Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Token } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import { plural } from "../../parts/format.ts";
import { Listing } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import css from "./access.module.css";
import { MakeLink } from "./make-link.tsx";
import { MakeToken } from "./make-token.tsx";
import { Revoke } from "./revoke.tsx";
import { MAY } from "./roles.ts";
import { inOrder, isOver, stateOf } from "./state.ts";

/** Who and what is let in: people at the console, links that nobody opened yet, and the tokens of programs. */
export function Access(): ReactNode {
  const session = useQuery(sessionQuery);
  if (session.data !== undefined && !atLeast(session.data, "admin"))
    return (
      <Page title="Access">
        <Section title="You">
          <p className={css["you"]}>
            You are signed in as <strong>{session.data.name}</strong> with the role <Tag>{session.data.role}</Tag>
          </p>
          <p className={css["dim"]}>Admins let people and programs in. Ask one for a link with another role.</p>
        </Section>
        <Roles />
      </Page>
    );
  return <ForAdmins />;
}

function ForAdmins(): ReactNode {
  const [making, setMaking] = useState<"link" | "token" | null>(null);
  const query = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => call("GET /v1/tokens", { signal }) });
  useShortcuts("Access", [
    { keys: "n", label: "Let somebody in", run: () => setMaking("link") },
    { keys: "t", label: "Make a token", run: () => setMaking("token") },
  ]);
  return (
    <Page
      title="Access"
      about="People at the console, and the tokens of programs."
      actions={
        <>
          <Button variant="default" onClick={() => setMaking("token")}>
            Make a token
          </Button>
          <Button onClick={() => setMaking("link")}>Let somebody in</Button>
        </>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody is let in yet.">A link signs somebody in once.</Empty>
          ) : (
            <List tokens={items} />
          )
        }
      </Loaded>
      <Roles />
      {making === "link" && <MakeLink onClose={() => setMaking(null)} />}
      {making === "token" && <MakeToken onClose={() => setMaking(null)} />}
    </Page>
  );
}

function List({ tokens }: { tokens: readonly Token[] }): ReactNode {
  const { q } = useSearch({ from: "/frame/access" });
  const navigate = useNavigate({ from: "/access" });
  const { data: session } = useQuery(sessionQuery);
  const [past, setPast] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const now = useNow();
  const over = tokens.filter((token) => isOver(token, now)).length;
  return (
    <>
      <Listing
        label="Access"
        what="entry"
        many="entries"
        items={inOrder(past ? tokens : tokens.filter((token) => !isOver(token, now)), now)}
        keyOf={({ token_id: id }) => id}
        words={({ name, role, kind, created_by: by }) => `${name} ${role} ${KINDS[kind]} ${by ?? ""}`}
        q={q}
        onFilter={(next) => void navigate({ search: next === undefined ? {} : { q: next }, replace: true })}
        more={
          over > 0 && (
            <Checkbox
              label={`Show ${plural(over, "past entry", "past entries")} too`}
              checked={past}
              onChange={(event) => setPast(event.currentTarget.checked)}
            />
          )
        }
        columns={columnsOf(session?.token_id, now, setRevoked)}
      />
      {revoked !== null && (
        <Revoke token={revoked} isOwn={revoked.token_id === session?.token_id} onClose={() => setRevoked(null)} />
      )}
    </>
  );
}

const KINDS = { bearer: "Token", session: "Person", login: "Link" } as const;

function columnsOf(own: string | undefined, now: number, onRevoke: (token: Token) => void): Column<Token>[] {
  return [
    { name: "Name", render: (token) => <Name token={token} isOwn={token.token_id === own} /> },
    { name: "Kind", render: ({ kind }) => KINDS[kind] },
    { name: "Role", render: ({ role }) => role },
    { name: "State", render: (token) => <State token={token} now={now} /> },
    { name: "Made by", render: ({ created_by: by }) => (by === null ? "–" : <Line text={by} max={60} />) },
    { name: "Made", render: ({ created_at: at }) => <Time at={at} relative /> },
    { name: "Until", render: (token) => <Until token={token} /> },
    { name: "Act", render: (token) => !isOver(token, now) && <RevokeButton token={token} onRevoke={onRevoke} /> },
  ];
}

function Name({ token: { name }, isOwn }: { token: Token; isOwn: boolean }): ReactNode {
  return (
    <span className={css["name"]}>
      <Line text={name} max={60} /> {isOwn && <Tag>you</Tag>}
    </span>
  );
}

function RevokeButton({ token, onRevoke }: { token: Token; onRevoke: (token: Token) => void }): ReactNode {
  return (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={`Revoke ${token.name}, ${KINDS[token.kind].toLowerCase()}`}
      onClick={() => onRevoke(token)}
    >
      Revoke
    </Button>
  );
}

function State({ token, now }: { token: Token; now: number }): ReactNode {
  const state = stateOf(token, now);
  return <Badge tone={state === "good" ? "ok" : state === "not used yet" ? "wait" : "off"}>{state}</Badge>;
}

function Until({ token: { revoked_at: revoked, expires_at: expires } }: { token: Token }): ReactNode {
  if (revoked !== null) return <Time at={revoked} relative />;
  return expires === null ? "it is revoked" : <Time at={expires} relative />;
}

function Roles(): ReactNode {
  return (
    <Section title="What each role may do" aside="Each may do what those above it may.">
      <dl className={css["roles"]}>
        {MAY.map(({ role, may }) => (
          <div key={role}>
            <dt>{role}</dt>
            <dd>{may}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
