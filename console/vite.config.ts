import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import type { Plugin, UserConfig } from "vite";

/** Texts get a .br and a .gz beside them, made once here instead of at every request. */
function precompressed(): Plugin {
  let folder = "";
  return {
    name: "precompressed",
    apply: "build",
    configResolved({ root, build }) {
      folder = join(root, build.outDir);
    },
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg)$/.test(file)) continue;
        const path = join(folder, file);
        const bytes = readFileSync(path);
        if (bytes.length < 1_024) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

const config: UserConfig = defineConfig({
  // `npm run dev:console` beside a server on its usual port.
  server: {
    port: 4781,
    strictPort: true,
    proxy: { "/v1": { target: process.env["SLUICE_URL"] ?? "http://127.0.0.1:4780", changeOrigin: false } },
  },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    target: "es2023",
    chunkSizeWarningLimit: 700,
  },
  plugins: [react(), precompressed()],
});
export default config;
