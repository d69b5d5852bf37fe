import { AppShell, Burger } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useCallback } from "react";
import type { ReactNode } from "react";
import { Live } from "../live/live.tsx";
import { useShortcuts } from "../parts/shortcuts.tsx";
import css from "./frame.module.css";
import { LineDown } from "./line.tsx";
import { Navigation } from "./navigation.tsx";
import { openPalette } from "./open-palette.ts";
import { DESTINATIONS } from "./destinations.ts";
import { queryClient } from "./query-client.ts";

const Palette = lazy(() => import("./palette.tsx").then((module) => ({ default: module.Palette })));
const NavigationDrawer = lazy(() => import("./drawer.tsx").then((module) => ({ default: module.NavigationDrawer })));

/** What is around every page once somebody is signed in. */
export function Frame(): ReactNode {
  const [opened, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();
  useShortcuts("Everywhere", [
    { keys: "mod+k", label: "Find anything", run: openPalette, whileTyping: true },
    ...DESTINATIONS.map(({ to, label, keys }) => ({
      keys,
      label: `Go to ${label.toLowerCase()}`,
      run: () => void navigate({ to }),
    })),
    { keys: "?", label: "These shortcuts", run: () => undefined },
  ]);
  const signedOut = useCallback(() => {
    queryClient.clear();
    void navigate({ to: "/login", search: { next: location.pathname + location.search } });
  }, [navigate]);
  return (
    <Live onSignedOut={signedOut}>
      <AppShell navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: true } }} padding={0}>
        <a href="#content" className={css["skip"]}>
          Skip to the content
        </a>
        <AppShell.Navbar className={css["navbar"]} withBorder={false}>
          <Navigation />
        </AppShell.Navbar>
        <AppShell.Main className={css["main"]}>
          <div className={css["bar"]}>
            <Burger opened={opened} onClick={open} size="sm" aria-label="Open the navigation" />
            <span className={css["name"]}>Sluice</span>
          </div>
          <LineDown />
          <div id="content" className={css["content"]} tabIndex={-1}>
            <Outlet />
          </div>
        </AppShell.Main>
        <Suspense>{opened && <NavigationDrawer onClose={close} />}</Suspense>
      </AppShell>
      <Suspense>
        <Palette />
      </Suspense>
    </Live>
  );
}
