import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import { redeem, sessionQuery } from "../api/session.ts";
import { Command } from "../parts/copy.tsx";
import { Failed } from "../parts/states.tsx";
import css from "./login.module.css";
import { queryClient } from "./query-client.ts";

/** The code of a sign-in link. It stands behind the #, which no browser sends to a server. */
function codeInAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("code");
}

/** An address of this console: one that begins with two slashes would lead to another server. */
function isOurs(address: string | undefined): address is string {
  return address !== undefined && /^\/(?![/\\])/.test(address);
}

/** Where a sign-in link leads; without a code, how to get one. */
export function Login(): ReactNode {
  const [code] = useState(codeInAddress);
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/login" });
  const { error, refetch } = useQuery({
    queryKey: ["redeem", code],
    enabled: code !== null,
    retry: false,
    staleTime: Infinity,
    queryFn: async () => {
      const session = await redeem(code ?? "");
      queryClient.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: isOurs(next) ? next : "/", replace: true });
      return session;
    },
  });
  useEffect(() => {
    document.title = "Sign in · Sluice";
  }, []);
  const silent = error instanceof ApiError && error.status === 0;
  return (
    <main className={css["page"]}>
      <div className={css["card"]}>
        <img src="/assets/icon.svg" alt="" width={36} height={36} />
        <h1>Sluice</h1>
        {code !== null && error === null && <output>Signing in…</output>}
        {silent && <Failed error={error} again={() => void refetch()} />}
        {error !== null && !silent && (
          <p role="alert" className={css["error"]}>
            {error instanceof ApiError ? error.message : String(error)}
          </p>
        )}
        {(code === null || (error !== null && !silent)) && <HowTo />}
      </div>
    </main>
  );
}

function HowTo(): ReactNode {
  return (
    <>
      <p>You sign in with a link that works once. On the machine that runs the server:</p>
      <Command text="sluice login" />
      <p className={css["dim"]}>
        In a clone of the project, <code>npx sluice login</code>. For somebody else, with what they may do:
      </p>
      <Command text="sluice login --name NAME --role reviewer" />
      <Button component="a" href="/" variant="default" mt="md">
        I am signed in already
      </Button>
    </>
  );
}
