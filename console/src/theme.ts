import { createTheme } from "@mantine/core";
import type { MantineColorsTuple, MantineThemeOverride } from "@mantine/core";

/** The accent, light to dark; 6 is that of `theme.css` in light, and what buttons have in both. */
const ACCENT: MantineColorsTuple = [
  "#f7f6ff",
  "#edecff",
  "#dcd9ff",
  "#b1a9ff",
  "#8e88ea",
  "#645fd1",
  "#5753c6",
  "#4a45ae",
  "#3b378f",
  "#272962",
];

/** Neutrals of the controls, the same as those of `theme.css`: 6 is dim text in light, 2 in dark. */
const GRAY: MantineColorsTuple = [
  "#fbfbfc",
  "#f4f4f6",
  "#eeeef1",
  "#e3e4e8",
  "#cdced6",
  "#8b8d98",
  "#60646c",
  "#4a4e56",
  "#2b2e33",
  "#1c2024",
];
const DARK: MantineColorsTuple = [
  "#edeef0",
  "#c6c9ce",
  "#a3a8b0",
  "#777b84",
  "#43484e",
  "#2e3135",
  "#1d1e21",
  "#18191b",
  "#141517",
  "#111113",
];

/** A state's colour on a button: white on 6 in light and on 8 in dark keeps 4.5:1. */
const OK: MantineColorsTuple = [
  "#f4fbf6",
  "#e6f6eb",
  "#c4e8d1",
  "#8eceaa",
  "#5bb98b",
  "#30a46c",
  "#1d7048",
  "#1b6b44",
  "#1a6540",
  "#132d21",
];
const BAD: MantineColorsTuple = [
  "#fff7f7",
  "#feebec",
  "#ffcdce",
  "#f4a9aa",
  "#eb8e90",
  "#e5484d",
  "#c2282e",
  "#b42126",
  "#a51d22",
  "#641723",
];

export const theme: MantineThemeOverride = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 6 },
  colors: { accent: ACCENT, gray: GRAY, dark: DARK, teal: OK, green: OK, red: BAD },
  black: "#1c2024",
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  defaultRadius: 6,
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  headings: { fontFamily: "var(--sans)", fontWeight: "600" },
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "md" } } },
    Checkbox: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    // The page itself never scrolls, only its content does; and the lock's style would need a way around the CSP.
    Modal: {
      defaultProps: {
        centered: true,
        lockScroll: false,
        overlayProps: { backgroundOpacity: 0.35 },
        transitionProps: { duration: 0 },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { lockScroll: false } },
  },
});
