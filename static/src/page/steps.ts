// The three steps: which one is open now, which are done, and what the folded ones say in a line.

import type { State } from "../state/types.ts";
import { dayOf, exactTime, relativeTime, shortAddress } from "../text/format.ts";
import { el, find, part, setAttribute, setText } from "../ui/dom.ts";

type Progress = "later" | "now" | "done";

export interface Identities {
  readonly all: readonly string[];
  readonly current: string | null;
}

interface Actions {
  connect(): void;
  authorise(): void;
  newIdentity(): void;
  useIdentity(address: string): void;
  now(): number;
}

/** One step's frame: number or tick, fold, summary. It opens when its turn comes and folds when it is done. */
function frame(step: HTMLElement): (progress: Progress, summary: (string | Node)[]) => void {
  const body = find(step, ".body", HTMLElement);
  const fold = step.querySelector<HTMLButtonElement>(".fold");
  let shown: Progress | null = null;

  const open = (wanted: boolean): void => {
    if (fold === null) return;
    body.hidden = !wanted;
    setAttribute(fold, "aria-expanded", String(wanted));
  };
  fold?.addEventListener("click", () => open(body.hidden !== false));

  return (progress, summary) => {
    if (progress !== shown) {
      setAttribute(step, "data-state", progress);
      setText(part(step, "progress"), progress === "done" ? "done" : "");
      if (progress === "now") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
      open(progress === "now");
      shown = progress;
    }
    const line = part(step, "summary");
    const wanted = el("p", {}, ...summary);
    if (line.textContent !== wanted.textContent) line.replaceChildren(...wanted.childNodes);
  };
}

function mono(text: string, title: string): HTMLElement {
  return el("span", { class: "mono", title }, text);
}

function when(ms: number, now: number): HTMLElement {
  return el("time", { datetime: new Date(ms).toISOString(), title: exactTime(ms) }, `${dayOf(ms)}, ${relativeTime(ms, now)}`);
}

function found(wallets: number): string {
  if (wallets === 0) return "No wallet found; the test wallet is ready";
  return `${wallets} ${wallets === 1 ? "wallet" : "wallets"} found in this browser`;
}

function mountSignIn(step: HTMLElement, actions: Actions): (state: State, wallets: number) => void {
  const turn = frame(step);
  const connect = part(step, "connect", HTMLButtonElement);
  connect.addEventListener("click", () => {
    if (connect.getAttribute("aria-disabled") !== "true") actions.connect();
  });

  return ({ address, signedIn, wallet, busy, waiting }, wallets) => {
    const done = signedIn && address !== null;
    part(step, "before").hidden = done;
    part(step, "after").hidden = !done;
    setAttribute(connect, "aria-disabled", String(busy !== null && busy !== "loading"));
    const signing = busy === "signing-in" || busy === "connecting";
    setText(part(step, "found"), signing && waiting !== null ? `Waiting for ${waiting.who}` : found(wallets));
    if (!done) return turn("now", []);
    setText(part(step, "address"), address);
    setText(part(step, "wallet"), wallet?.name ?? "Not connected now; it is asked when a signature is needed");
    const short = mono(shortAddress(address), address);
    turn("done", wallet === null ? [short] : [`${wallet.name} · `, short]);
  };
}

function mountIdentity(step: HTMLElement, actions: Actions): (identities: Identities | null) => void {
  const row = part(step, "identity");
  const select = part(step, "identities", HTMLSelectElement);
  select.addEventListener("change", () => actions.useIdentity(select.value));
  part(step, "new-identity").addEventListener("click", () => actions.newIdentity());

  return (identities) => {
    row.hidden = identities === null;
    if (identities === null) return;
    if (select.options.length !== identities.all.length || identities.all.some((address, i) => select.options[i]?.value !== address)) {
      select.replaceChildren(...identities.all.map((address, i) => el("option", { value: address }, `${i + 1}: ${shortAddress(address)}`)));
    }
    if (identities.current !== null) select.value = identities.current;
  };
}

function mountDevice(step: HTMLElement, actions: Actions, lifetimeDays: number): (state: State) => void {
  const turn = frame(step);
  const once = `once, good for ${lifetimeDays} days`;
  const authorise = part(step, "authorise", HTMLButtonElement);
  const again = part(step, "again", HTMLButtonElement);
  for (const each of [authorise, again]) {
    each.addEventListener("click", () => {
      if (each.getAttribute("aria-disabled") !== "true") actions.authorise();
    });
  }

  return ({ key, signedIn, busy }) => {
    const gone = key.state === "lost" || key.state === "expired";
    part(step, "before").hidden = key.state === "ready" || gone;
    part(step, "lost").hidden = !gone;
    part(step, "after").hidden = key.state !== "ready";
    for (const each of [authorise, again]) setAttribute(each, "aria-disabled", String(busy !== null && busy !== "loading"));
    setText(
      part(step, "lost-reason"),
      key.reason ?? (key.state === "expired" && key.until !== null ? `This device's key ran out on ${dayOf(key.until)}.` : "This browser lost its key."),
    );
    setText(part(step, "hindrance"), key.state === "none" ? (key.reason ?? "") : "");
    // Whether there is a key is not known yet: opening the step now would only make the page jump.
    const asking = key.state === "none" && busy === "loading";
    if (!signedIn || asking) return turn("later", [once]);
    if (key.state !== "ready") return turn("now", [once]);
    setText(part(step, "fingerprint"), key.fingerprint ?? "");
    part(step, "since").replaceChildren(key.since === null ? "not known" : when(key.since, actions.now()));
    part(step, "until").replaceChildren(key.until === null ? "not known" : when(key.until, actions.now()));
    const until = key.until === null ? "" : ` · until ${dayOf(key.until)}`;
    turn("done", ["key ", mono(key.fingerprint ?? "", "The first eight hex digits of the key's SHA-256"), until]);
  };
}

/** Takes over the template's steps. */
export function mountSteps(root: ParentNode, actions: Actions, lifetimeDays: number) {
  const first = find(root, "#step-1", HTMLElement);
  const third = find(root, "#step-3", HTMLElement);
  const signIn = mountSignIn(first, actions);
  const identity = mountIdentity(first, actions);
  const device = mountDevice(find(root, "#step-2", HTMLElement), actions, lifetimeDays);
  const follow = frame(third);

  return (state: State, wallets: number, identities: Identities | null): void => {
    signIn(state, wallets);
    identity(identities);
    device(state);
    const ready = state.signedIn && state.key.state === "ready";
    follow(ready ? "now" : "later", ["one click each, no prompts"]);
  };
}
