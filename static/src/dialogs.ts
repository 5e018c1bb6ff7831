// The two dialogs: which wallet, and what the sandbox wallet asks. Both are native <dialog>s: focus stays inside, Escape
// leaves, and the focus goes back to where it was.

import { button, el, icon } from "./dom.ts";
import { dayOf, shortAddress } from "./format.ts";
import type { AnnouncedWallet, SandboxAsk, WalletDiscovery } from "./types.ts";

const SANDBOX_RDNS = "app.countersign.sandbox";

/** Shows a dialog until `close` is called with an answer, or until it is dismissed, which answers `dismissed`. */
function shown<T>(dismissed: T, dress: (dialog: HTMLDialogElement, close: (answer: T) => void) => void): Promise<T> {
  return new Promise((resolve) => {
    const dialog = el("dialog");
    let answer = dismissed;
    dress(dialog, (given) => {
      answer = given;
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function walletButton(wallet: AnnouncedWallet, choose: () => void): HTMLLIElement {
  const { name, icon: picture, rdns } = wallet;
  const test = rdns === SANDBOX_RDNS;
  // EIP-6963 asks for a data URL; anything else would be a request to somebody's server.
  const mark = picture.startsWith("data:image/") && !test ? el("img", { src: picture, alt: "" }) : icon(test ? "test-wallet" : "wallet");
  const choice = button(name, "", choose);
  const note = test ? el("small", { id: "sandbox-note" }, "A wallet inside this page, for testing. Holds no funds, needs no extension.") : null;
  if (note !== null) choice.setAttribute("aria-describedby", note.id);
  return el("li", { class: test ? "test" : null }, el("span", { class: "mark" }, mark), el("div", {}, choice, note));
}

/** Lists the wallets that announced themselves, late ones too; null where the visitor leaves without choosing. */
export function chooseWallet(wallets: WalletDiscovery): Promise<AnnouncedWallet | null> {
  let stop = (): void => {};
  return shown<AnnouncedWallet | null>(null, (dialog, close) => {
    const list = el("ul", { class: "wallets" });
    const title = el("h2", { id: "wallets-title" }, "Connect wallet");
    const leave = button("", "btn small square", () => close(null));
    leave.setAttribute("aria-label", "Close");
    leave.append(icon("close"));
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(el("header", {}, title, leave), list, el("p", { class: "quiet" }, "We only ask for signatures. Nothing here can move funds."));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && outside(dialog, event)) close(null);
    });
    const listed = new Set<string>();
    const update = (): void => {
      // Test wallet last; rows already there stay, so that nothing moves from under a pointer but the last row.
      const known = [...wallets.current()].sort((a, b) => Number(a.rdns === SANDBOX_RDNS) - Number(b.rdns === SANDBOX_RDNS));
      for (const wallet of known) {
        if (listed.has(wallet.uuid)) continue;
        listed.add(wallet.uuid);
        const row = walletButton(wallet, () => close(wallet));
        list.insertBefore(row, list.querySelector(".test"));
      }
    };
    update();
    list.querySelector("button")?.setAttribute("autofocus", "");
    stop = wallets.subscribe(update);
  }).finally(() => stop());
}

function outside(dialog: HTMLElement, { clientX, clientY }: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

function meaning(kind: SandboxAsk["kind"], keyUntil: number): string {
  if (kind === "sign-in") return "This proves to the site that the address is yours. It costs nothing and moves nothing.";
  if (kind === "authorisation") return `This lets a key kept in this browser follow and unfollow for you until ${dayOf(keyUntil)}.`;
  return "The site asks for a signature over a text that this wallet does not know. Approve only what you understand.";
}

/** Shows the exact text that the sandbox wallet is asked to sign; true for "Approve". Escape rejects. */
export function askToApprove(ask: SandboxAsk, keyUntil: number): Promise<boolean> {
  return shown(false, (dialog, close) => {
    const title = el("h2", { id: "asks-title" }, "Sandbox wallet asks");
    dialog.className = "asks";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(
      el("header", {}, title, el("span", { class: "by wallet" }, "test wallet")),
      el("p", {}, el("b", {}, new URL(ask.origin).host), " wants you to sign this text with ", el("span", { class: "mono", title: ask.address }, shortAddress(ask.address)), ":"),
      el("pre", { tabindex: 0, autofocus: true, role: "group", "aria-label": "Text to sign" }, ask.text),
      el("p", { class: "quiet" }, meaning(ask.kind, keyUntil)),
      el("div", { class: "row end" }, button("Reject", "btn", () => close(false)), button("Approve", "btn primary", () => close(true))),
    );
  });
}
