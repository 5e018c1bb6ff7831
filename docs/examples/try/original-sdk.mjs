// The original SDK, 0.0.1-alpha.21: one line says where the gateway is.
// It is for pages; here a stand-in for `window` keeps its keys in memory.

import CyberConnect from "@cyberlab/cyberconnect-v2";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const endpoint = "http://127.0.0.1:8000/graphql";
const wallet = privateKeyToAccount(generatePrivateKey());

// What a page finds as `window.ethereum` (EIP-1193), with this wallet behind it.
const provider = {
  async request({ method, params }) {
    if (method === "eth_accounts") return [wallet.address];
    if (method === "personal_sign") {
      return wallet.signMessage({ message: { raw: params[0] } });
    }
    throw new Error(`${method}: this wallet knows eth_accounts and personal_sign`);
  },
};

const cc = new CyberConnect({ appId: "demo", namespace: "CyberConnect", provider });
cc.endpoint = { cyberConnectApi: endpoint };

await cc.follow("shiyu");
console.log("follow: it says nothing where all is well");
await cc.unfollow("shiyu");
console.log("unfollow: neither");
