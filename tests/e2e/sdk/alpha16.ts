// The same page with 0.0.1-alpha.16, which writes the message itself, by the browser's clock, and has no second try.

import CyberConnect, { Env } from "cyberconnect-v2-alpha16";
import { outcome, type Outcome } from "./outcome.ts";

export function connect(cyberConnectApi: string): { [act in "follow" | "unfollow"]: (handle: string) => Promise<Outcome> } {
  const client = new CyberConnect({ namespace: "CyberConnect", env: Env.PRODUCTION, provider: window.ethereum });
  client.endpoint = { cyberConnectApi };
  return {
    follow: async (handle) => outcome(client.follow(await client.getAddress(), handle)),
    unfollow: async (handle) => outcome(client.unfollow(await client.getAddress(), handle)),
  };
}
