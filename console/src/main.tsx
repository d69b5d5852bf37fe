import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./theme.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/client.ts";
import { styleNonce } from "./parts/nonce.ts";
import { ShortcutKeys } from "./parts/shortcuts.tsx";
import { Clock } from "./parts/time.tsx";
import { router } from "./router.tsx";
import { queryClient } from "./shell/query-client.ts";
import { theme } from "./theme.ts";

onSignedOut(() => {
  if (location.pathname === "/login") return;
  queryClient.clear();
  void router.navigate({ to: "/login", search: { next: location.pathname + location.search } });
});

createRoot(document.querySelector("#root") as HTMLElement).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
    <QueryClientProvider client={queryClient}>
      <Clock>
        <ShortcutKeys>
          <RouterProvider router={router} />
        </ShortcutKeys>
      </Clock>
      <Notifications position="bottom-right" autoClose={5_000} />
    </QueryClientProvider>
  </MantineProvider>,
);
