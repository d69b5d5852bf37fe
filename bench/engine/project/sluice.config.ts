import { defineConfig } from "sluice";

export default defineConfig({ logLevel: "silent" });
