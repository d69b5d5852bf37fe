import { resolveOwnName } from "../../src/app/resolve.ts";

/** Loaded before a file that imports "sluice" by name: `node --import own-name.ts`. */
resolveOwnName();
