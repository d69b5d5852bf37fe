import { Menu, useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useDisclosure } from "@mantine/hooks";
import { Suspense, lazy } from "react";
import type { ReactNode } from "react";
import { signOut } from "../api/session.ts";
import type { Session } from "../api/session.ts";
import { setPreferences, usePreferences } from "../parts/preferences.ts";
import { useShortcutList } from "../parts/shortcuts.tsx";
import css from "./frame.module.css";
import { queryClient } from "./query-client.ts";

const ZonePicker = lazy(() => import("./zone-picker.tsx").then((module) => ({ default: module.ZonePicker })));
const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Who is signed in, how the console looks, and the way out. */
export function Account({ session, isAdmin }: { session: Session | undefined; isAdmin: boolean }): ReactNode {
  const navigate = useNavigate();
  const list = useShortcutList();
  const [picking, { open: pick, close: picked }] = useDisclosure(false);
  const leave = async (): Promise<void> => {
    await signOut();
    queryClient.clear();
    await navigate({ to: "/login", search: {} });
  };
  return (
    <>
      <Menu.Target>
        <button type="button" className={css["account"]} title="Account and settings">
          <span className={css["who"]}>{session?.name ?? "…"}</span>
          <span className={css["role"]}>{session?.role}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Scheme />
        <Zones onPick={pick} />
        <Menu.Divider />
        {isAdmin && <Menu.Item onClick={() => void navigate({ to: "/access" })}>Access: people and tokens</Menu.Item>}
        <Menu.Item onClick={list} rightSection={<kbd>?</kbd>}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
      <Suspense>{picking && <ZonePicker onClose={picked} />}</Suspense>
    </>
  );
}

function Scheme(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>Look</Menu.Label>
      {(["light", "dark", "auto"] as const).map((scheme) => (
        <Menu.Item
          key={scheme}
          role="menuitemradio"
          aria-checked={colorScheme === scheme}
          onClick={() => setColorScheme(scheme)}
          rightSection={colorScheme === scheme ? "✓" : undefined}
        >
          {{ light: "Light", dark: "Dark", auto: "As the system" }[scheme]}
        </Menu.Item>
      ))}
    </>
  );
}

function Zones({ onPick }: { onPick: () => void }): ReactNode {
  const { timeZone } = usePreferences();
  const zones = [
    ["local", `This browser: ${LOCAL}`],
    ["UTC", "UTC"],
  ] as const;
  return (
    <>
      <Menu.Label>Times in</Menu.Label>
      {zones.map(([zone, label]) => (
        <Menu.Item
          key={zone}
          role="menuitemradio"
          aria-checked={timeZone === zone}
          onClick={() => setPreferences({ timeZone: zone })}
          rightSection={timeZone === zone ? "✓" : undefined}
        >
          {label}
        </Menu.Item>
      ))}
      {timeZone !== "local" && timeZone !== "UTC" && <Menu.Item rightSection="✓">{timeZone}</Menu.Item>}
      <Menu.Item onClick={onPick}>Another time zone…</Menu.Item>
    </>
  );
}
