// The two dialogs: which wallet, and what the sandbox wallet asks. Both are native <dialog>s: focus stays inside, Escape
// leaves, and the focus goes back to where it was.

import { dayOf, shortAddress } from "../text/format.ts";
import { button, el, icon } from "../ui/dom.ts";
import type { Advice } from "../wallet/no-wallet.ts";
import type { SandboxAsk } from "../wallet/sandbox-wallet.ts";
import type { AnnouncedWallet, WalletDiscovery } from "../wallet/types.ts";

const SANDBOX_NOTE = "A wallet inside this page, for testing. Holds no funds, needs no extension.";
let notes = 0;

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
    // Only now: a browser would complain to a page around this one's frame about what asks for the focus as it comes.
    dialog.querySelector("[data-first]")?.setAttribute("autofocus", "");
    dialog.showModal();
  });
}

/** The row of a wallet; `tell` adds a note that describes its button further. */
function walletRow({ name, icon: picture }: AnnouncedWallet, choose: () => void, test: boolean): { row: HTMLLIElement; tell(note: string): void } {
  // EIP-6963 asks for a data URL; anything else would be a request to somebody's server.
  const mark = picture.startsWith("data:image/") && !test ? el("img", { src: picture, alt: "" }) : icon(test ? "test-wallet" : "wallet");
  const choice = button(name, "", choose);
  const row = el("li", { class: test ? "test" : null }, el("span", { class: "mark" }, mark), el("div", {}, choice));
  return {
    row,
    tell(note) {
      const id = `wallet-${++notes}`;
      choice.after(el("small", { id }, note));
      choice.setAttribute("aria-describedby", id);
    },
  };
}

function advice({ words, links }: Advice): HTMLElement[] {
  const said = el("p", {}, words);
  if (links.length === 0) return [said];
  const title = el("h3", { id: "elsewhere-title" }, "Open in your wallet's browser");
  const list = el("ul", { class: "elsewhere", "aria-labelledby": title.id });
  for (const [name, href] of links) list.append(el("li", {}, el("a", { class: "btn", href, rel: "noreferrer" }, name)));
  return [title, list, said];
}

/**
 * Lists the wallets that announced themselves, late ones too, the last used first; null where the visitor leaves without
 * choosing. The page's own stands apart, so that it is in view however many there are.
 */
export async function chooseWallet(wallets: WalletDiscovery, own: AnnouncedWallet, isLast: ((wallet: AnnouncedWallet) => boolean) | null, looksLike: (name: string) => string): Promise<AnnouncedWallet | null> {
  let stop = (): void => {};
  const others = el("div", { class: "others" });
  if (wallets.current().every((wallet) => wallet === own)) {
    // Without a connection the list does without it.
    const help = await import("../wallet/no-wallet.ts").catch(() => null);
    if (help !== null) others.append(...advice(help.adviceWithoutWallet(new URL(location.href), matchMedia("(pointer: coarse)").matches)));
  }
  return shown<AnnouncedWallet | null>(null, (dialog, close) => {
    const list = el("ul", { class: "wallets" });
    const ourRow = walletRow(own, () => close(own), true);
    ourRow.tell(SANDBOX_NOTE);
    const ours = el("ul", { class: "wallets" }, ourRow.row);
    const title = el("h2", { id: "wallets-title" }, "Connect wallet");
    const leave = button("", "btn small square", () => close(null));
    leave.setAttribute("aria-label", "Close");
    leave.append(icon("close"));
    dialog.className = "chooser";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(
      el("header", {}, title, leave),
      ...(isLast?.(own) === true ? [ours, others] : [others, ours]),
      el("p", { class: "quiet" }, "We only ask for signatures. Nothing here can move funds."),
    );
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && outside(dialog, event)) close(null);
    });
    const listed = new Map<AnnouncedWallet, ReturnType<typeof walletRow>>();
    const told = new Set<AnnouncedWallet>();
    const update = (): void => {
      const known = wallets.current().filter((wallet) => wallet !== own);
      const focused = others.contains(document.activeElement);
      for (const [wallet, { row }] of listed) {
        if (known.includes(wallet)) continue;
        row.remove();
        listed.delete(wallet);
      }
      // Rows that are there already stay, so that nothing moves from under a pointer; only when it opens is the last used put first.
      if (listed.size === 0 && isLast !== null) known.sort((a, b) => Number(isLast(b)) - Number(isLast(a)));
      for (const wallet of known) {
        const made = listed.get(wallet) ?? walletRow(wallet, () => close(wallet), false);
        if (!listed.has(wallet)) list.append(made.row);
        listed.set(wallet, made);
        if (told.has(wallet) || !known.some((other) => other !== wallet && looksLike(other.name) === looksLike(wallet.name))) continue;
        made.tell(wallet.rdns);
        told.add(wallet);
      }
      if (known.length > 0 && !list.isConnected) others.replaceChildren(list);
      if (focused && !others.contains(document.activeElement)) list.querySelector("button")?.focus();
    };
    update();
    dialog.querySelector(".wallets button")?.setAttribute("data-first", "");
    stop = wallets.subscribe(update);
  }).finally(() => stop());
}

function outside(dialog: HTMLElement, { clientX, clientY }: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

/** Asks before something that cannot be taken back as easily as it is done; false where the visitor leaves. */
export function askFirst({ title, words, yes }: { title: string; words: string; yes: string }): Promise<boolean> {
  return shown(false, (dialog, close) => {
    const heading = el("h2", { id: "first-title" }, title);
    dialog.className = "asks";
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.append(
      el("header", {}, heading),
      el("p", {}, words),
      el("div", { class: "row end" }, button("Cancel", "btn", () => close(false)), button(yes, "btn harm", () => close(true))),
    );
  });
}

function meaning(kind: SandboxAsk["kind"], keyUntil: number): string {
  if (kind === "sign-in") return "This proves to the site that the address is yours. It costs nothing and moves nothing.";
  if (kind === "authorisation") {
    return `Until ${dayOf(keyUntil)} a key kept in this browser may follow and unfollow for you, claim, edit and give back handles, remove and block followers, and name and revoke your keys.`;
  }
  if (kind === "key") return "This says what becomes of one of your signing keys. It costs nothing and moves nothing.";
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
      el("pre", { tabindex: 0, "data-first": true, role: "group", "aria-label": "Text to sign" }, ask.text),
      el("p", { class: "quiet" }, meaning(ask.kind, keyUntil)),
      el("div", { class: "row end" }, button("Reject", "btn", () => close(false)), button("Approve", "btn primary", () => close(true))),
    );
  });
}
