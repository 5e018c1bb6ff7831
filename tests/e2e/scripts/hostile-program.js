// A program that tries to reach the page around it, and whatever else it should not. HERE is the site's origin, ELSEWHERE one that answers everybody.
const tried = {};
const attempt = async (name, act) => {
  try {
    tried[name] = `reached: ${await act()}`;
  } catch (error) {
    tried[name] = "refused";
  }
};
const answered = (target, open) =>
  new Promise((resolve, reject) => {
    target[open] = ({ data } = {}) => resolve(data);
    target.onerror = reject;
  });
await attempt("parent", () => parent.document.title);
await attempt("top", () => (top.location = "HERE/docs"));
await attempt("document", () => document.cookie);
await attempt("localStorage", () => localStorage.length);
await attempt("indexedDB", () => answered(indexedDB.open("countersign"), "onsuccess"));
await attempt("caches", () => caches.keys());
await attempt("locks", () => navigator.locks.query());
await attempt("serviceWorker", () => navigator.serviceWorker.register("HERE/docs/try/worker.js"));
await attempt("session", () => fetch("HERE/api/session", { credentials: "include" }));
await attempt("post", () => fetch("HERE/api/logout", { method: "POST", mode: "no-cors", credentials: "include" }));
await attempt("page", () => fetch("HERE/docs", { mode: "no-cors" }));
await attempt("elsewhere", () => fetch("ELSEWHERE/", { mode: "no-cors" }));
await attempt("socket", () => answered(new WebSocket("HERE/graphql".replace("http", "ws")), "onopen"));
await attempt("events", () => answered(new EventSource("HERE/docs"), "onopen"));
await attempt("import", () => import("HERE/static/page.js"));
await attempt("importScripts", () => importScripts("HERE/docs/try/worker.js"));
await attempt("eval", () => eval("1"));
await attempt("Function", () => new Function("return 1")());
const inner = 'fetch("HERE/api/session").then(() => postMessage("read"), () => postMessage(null))';
const worker = new Worker(`data:text/javascript,${encodeURIComponent(inner)}`);
await attempt("a worker of its own", async () => {
  const data = await answered(worker, "onmessage");
  if (data === null) throw new Error("refused there, too");
  return data;
});
// These go through, and nobody hears: the frame and the page listen to a port that no program has.
postMessage("broken");
postMessage({ kind: "said", level: "log", text: "forged" });
new BroadcastChannel("countersign").postMessage({ kind: "signed-out" });
// What a page would draw, were it drawn as markup; and what it should read with distrust.
console.log("<img src=x onerror=alert(1)>", { toJSON: 1, get a() { return "<b>"; } });
console.log(JSON.stringify(tried));
