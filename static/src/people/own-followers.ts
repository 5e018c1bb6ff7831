// What only its owner does about those who follow a handle: remove them, block them, and take a block back.

import type { Account } from "../account/types.ts";
import { aboutHandle } from "../follow/operation.ts";
import type { FollowerOperation } from "../protocol/handle-message.ts";
import { composeFollowerMessage } from "../protocol/handle-message.ts";
import { handleWords } from "../state/status-words.ts";
import type { State } from "../state/types.ts";
import { button, el, find, setAttribute } from "../ui/dom.ts";
import type { AskFirst } from "./own-profile.ts";

/** What is known of somebody since the page was opened. */
type Standing = "removed" | "blocked" | "unblocked";

const STANDING: Readonly<Record<FollowerOperation, Standing>> = { remove: "removed", block: "blocked", unblock: "unblocked" };

/** What is said in the place of the buttons, and the one that is offered then. */
const SHOWN: Readonly<Record<Standing, { words: string; offers: { label: string; op: FollowerOperation } }>> = {
  removed: { words: "Removed", offers: { label: "Block", op: "block" } },
  blocked: { words: "Blocked", offers: { label: "Undo", op: "unblock" } },
  unblocked: { words: "Unblocked", offers: { label: "Block", op: "block" } },
};

interface Somebody {
  address: string;
  /** As the row calls them, in words and as it shows it. */
  name: string;
  shown: Node;
}

const NAMES: Readonly<Record<FollowerOperation, (name: string, handle: string) => string>> = {
  remove: (name, handle) => `Remove ${name} from the followers of @${handle}`,
  block: (name, handle) => `Block ${name} from following @${handle}`,
  unblock: (name, handle) => `Let ${name} follow @${handle} again`,
};

/** Makes "Remove" and "Block" of the template's rows work, and "Unblock" of its list of who is blocked. */
export function mountOwnFollowers(root: ParentNode, account: Account, handle: string, askFirst: AskFirst): { render(state: State): void } {
  const card = root.querySelector<HTMLElement>("#blocked");
  if (card === null) return { render: () => {} }; // another of the page's lists
  const list = find(card, "ul", HTMLUListElement);
  /** Stands where the page was opened by somebody else, who was not told. */
  const unread = card.querySelector('[data-part="unread"]');
  let owner = false;
  let busy = false;

  const rowsOf = (address: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>("[data-follower]")].filter((row) => row.dataset["follower"] === address);

  const show = (): void => {
    card.hidden = !owner || (list.childElementCount === 0 && unread === null);
    for (const each of root.querySelectorAll("[data-act]")) setAttribute(each, "aria-disabled", String(busy));
  };

  /** The words and the button that stand where somebody's buttons were; the focus stays where it was. */
  function replace(place: Element, words: string, next: HTMLButtonElement): void {
    const held = place.contains(document.activeElement);
    place.replaceChildren(...(words === "" ? [] : [el("span", { class: "quiet" }, words)]), next);
    if (held) next.focus();
  }

  /** Shows what holds of somebody now, in their row and in the list. */
  function told(who: Somebody, standing: Standing): void {
    const { words, offers } = SHOWN[standing];
    const unblock = (): HTMLButtonElement => actButton("Unblock", "unblock", who);
    const places = rowsOf(who.address);
    for (const place of places) {
      const line = place.closest("li");
      if (line !== null && list.contains(line)) {
        if (standing === "blocked") replace(find(line, ".acts", HTMLElement), "", unblock());
        else replace(find(line, ".acts", HTMLElement), words, actButton(offers.label, offers.op, who));
      } else {
        line?.querySelector(".mark")?.remove(); // it said that they follow
        replace(place, words, actButton(offers.label, offers.op, who));
      }
    }
    if (standing === "blocked" && !places.some((place) => list.contains(place))) {
      list.prepend(el("li", { "data-follower": who.address }, el("span", { class: "who" }, who.shown.cloneNode(true)), el("span", { class: "acts" }, unblock())));
    }
    show();
  }

  function actButton(label: string, op: FollowerOperation, who: Somebody): HTMLButtonElement {
    const made = button(label, "btn small", () => start(op, who));
    made.dataset["act"] = op;
    made.title = NAMES[op](who.name, handle);
    return made;
  }

  const sure = (op: FollowerOperation, { name }: Somebody): Promise<boolean> | true => {
    if (op === "remove") {
      return askFirst({
        title: `Remove ${name}?`,
        words: `They no longer follow @${handle}, and you cannot bring their follow back: only they can, with a new one. What they signed stays in their log, and your removal stands in yours; both are public.`,
        yes: "Remove",
      });
    }
    if (op === "unblock") return true;
    return askFirst({
      title: `Block ${name}?`,
      words: `They no longer follow @${handle}, and cannot while you have it. Blocks are public, as all that is signed here: anybody can read in your log whom you blocked. Taking it back lets them follow again, and brings no follow back.`,
      yes: "Block",
    });
  };

  async function operate(op: FollowerOperation, who: Somebody): Promise<void> {
    if (!(await sure(op, who))) return;
    await account.sign(
      NAMES[op](who.name, handle),
      (address) => ({
        ...aboutHandle(`handles/${op}`, address, handle, (ts) => composeFollowerMessage(op, address, handle, who.address, ts)),
        about: `handles/${op} ${address} ${handle} ${who.address}`,
      }),
      async (status) => {
        if (status === "SUCCESS" || status === "ALREADY_DONE") told(who, STANDING[op]);
        await account.lookUp(handle);
        return handleWords(status, op, handle, account.state().key.until);
      },
    );
  }
  function start(op: FollowerOperation, who: Somebody): void {
    if (!busy && owner) void account.attempt(NAMES[op](who.name, handle), () => operate(op, who));
  }

  for (const place of root.querySelectorAll<HTMLElement>("[data-follower]")) {
    const shown = find(place.closest("li") ?? place, ".who > :first-child", HTMLElement);
    const who = { address: place.dataset["follower"] ?? "", name: shown.textContent ?? "", shown };
    for (const each of place.querySelectorAll<HTMLButtonElement>("[data-act]")) {
      const op = each.dataset["act"] as FollowerOperation;
      each.title = NAMES[op](who.name, handle);
      each.addEventListener("click", () => start(op, who));
    }
  }
  return {
    render(state) {
      owner = state.profile?.isMine === true;
      busy = state.busy !== null && state.busy !== "loading";
      show();
    },
  };
}
