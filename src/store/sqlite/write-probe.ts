import { plain, type Operation } from "./operation.ts";

/** Writes a page, and nothing that anybody reads: whether the disk takes it. */
export const writeProbe: Operation<null, null, null> = plain("writeProbe", (db, _input, now) => {
  db.change("INSERT OR REPLACE INTO meta (name, value) VALUES ('write_probe', ?)", Buffer.from(String(now)));
  return null;
});
