// A page of somebody else's that follows with the original SDK, 0.0.1-alpha.21: it asks the gateway for the message.

import CyberConnect, { Env } from "@cyberlab/cyberconnect-v2";
import { outcome, type Outcome } from "./outcome.ts";

export function connect(cyberConnectApi: string): { [act in "follow" | "unfollow"]: (handle: string) => Promise<Outcome> } {
  const client = new CyberConnect({
    appId: "somebody-elses-app",
    namespace: "CyberConnect",
    env: Env.PRODUCTION,
    provider: window.ethereum,
  });
  client.endpoint = { cyberConnectApi };
  return {
    follow: (handle) => outcome(client.follow(handle)),
    unfollow: (handle) => outcome(client.unfollow(handle)),
  };
}
