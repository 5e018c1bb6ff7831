// A real `countersign run` on a free port, with a database of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { beside, freePort, until } from "./browser.ts";

const root = path.dirname(path.dirname(import.meta.dirname));

export async function startServer() {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-"));
  const port = await freePort();
  const server = beside(path.join(root, ".venv", "bin", "python"), ["-m", "webapp.cli", "run"], {
    PATH: process.env["PATH"],
    PYTHONPATH: root,
    PYTHONUNBUFFERED: "1",
    HOST: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL: `sqlite:///${folder}/countersign.sqlite3`,
  });
  const url = `http://127.0.0.1:${String(port)}`;
  await until("the server answers", async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true);
  return {
    url,
    /** Whether an address follows a handle, as the gateway says. */
    async follows(address: string, handle: string): Promise<boolean> {
      const query =
        "query P($handle: String!, $me: AddressEVM!) { profileByHandle(handle: $handle) { isFollowedByMe(me: $me) } }";
      const reply = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables: { handle, me: address } }),
      });
      const { data } = (await reply.json()) as { data: { profileByHandle: { isFollowedByMe: boolean } } };
      return data.profileByHandle.isFollowedByMe;
    },
    async end(): Promise<void> {
      await server.end();
      await rm(folder, { recursive: true });
    },
  };
}
