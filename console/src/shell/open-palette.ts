/** Opens the palette, which is loaded when the first page has been shown. */
export function openPalette(): void {
  void import("./palette.tsx").then(({ open }) => open());
}
