import CyberConnect from "@cyberlab/cyberconnect-v2";

const cc = new CyberConnect({ appId: "demo", namespace: "CyberConnect", provider: window.ethereum });
cc.endpoint = { cyberConnectApi: "http://127.0.0.1:8000/graphql" };
await cc.follow("shiyu");
