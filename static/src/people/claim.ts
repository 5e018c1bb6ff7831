// "Claim a handle": whether it is to be had is told while one types, and a claim is signed.

import type { Account } from "../account/types.ts";
import { ProblemError } from "../api/api.ts";
import type { Profile } from "../api/types.ts";
import { aboutHandle } from "../follow/operation.ts";
import { mountStatusView } from "../page/status-view.ts";
import { isHandle, normaliseHandle } from "../protocol/handle.ts";
import { composeHandleMessage } from "../protocol/handle-message.ts";
import { handleWords } from "../state/status-words.ts";
import type { State } from "../state/types.ts";
import { find, part, setAttribute, setText } from "../ui/dom.ts";

const TYPING_MS = 300;
const RULE = "A handle has 1 to 20 of a to z, 0 to 9, _ and -, and begins with a letter or digit.";

interface Deps {
  /** Reads the profile of a handle; rejects where it cannot, and where nobody has it. */
  profile(handle: string): Promise<Profile>;
  /** Calls `work` later, and gives the way to call it off. */
  later(work: () => void, ms: number): () => void;
  /** Somebody new has a handle. */
  claimed(): void;
}

/** Makes the template's card work. */
export function mountClaim(root: ParentNode, account: Account, { profile, later, claimed }: Deps, embedded: boolean): void {
  const card = find(root, "#claim", HTMLElement);
  const form = find(card, "form", HTMLFormElement);
  const input = find(form, "#handle", HTMLInputElement);
  const check = part(card, "check");
  const submit = find(form, "button", HTMLButtonElement);
  const open = part(card, "open", HTMLAnchorElement);
  const offline = find(root, "#offline", HTMLElement);
  const wanted = (): string => normaliseHandle(input.value);
  let newest = 0;
  let forget = (): void => {};
  /** The handle that another address is known to have, and the one that is the visitor's own. */
  let taken = "";
  let own = "";

  const tell = (words: string, refused: boolean): void => {
    setText(check, words);
    check.className = refused ? "complaint" : "quiet";
    setAttribute(input, "aria-invalid", String(refused));
  };
  const owned = (handle: string): void => {
    own = handle;
    open.hidden = handle === "";
    open.href = `/@${handle}`;
    setText(open, `Open @${handle}`);
  };

  async function look(): Promise<void> {
    const handle = wanted();
    const mine = ++newest;
    const told = await profile(handle).then(
      ({ isMine }) => (isMine ? "own" : "taken"),
      (error: unknown) => (error instanceof ProblemError && error.slug === "not-found" ? "free" : "unknown"),
    );
    if (mine !== newest) return;
    if (told === "taken") taken = handle;
    if (told === "own") owned(handle);
    if (told === "free") tell(`@${handle} is free.`, false);
    else if (told === "unknown") tell(`Whether @${handle} is free cannot be read now. A claim tells.`, false);
    else tell(told === "own" ? `@${handle} is yours.` : `@${handle} is taken.`, told === "taken");
  }
  function typed(): void {
    forget();
    newest++;
    taken = "";
    if (wanted() !== own) owned("");
    const legal = isHandle(wanted());
    tell(legal || wanted() === "" ? "" : RULE, !legal && wanted() !== "");
    if (legal) forget = later(() => void look(), TYPING_MS);
  }
  function claim(): void {
    const handle = wanted();
    if (!isHandle(handle)) tell(RULE, true);
    if (!isHandle(handle) || handle === taken) return input.focus();
    if (handle === own) return open.focus();
    void account.sign(
      `Claim @${handle}`,
      (address) => aboutHandle("handles/claim", address, handle, (ts) => composeHandleMessage("claim", address, handle, ts)),
      (status) => {
        if (status === "SUCCESS") claimed();
        if (status === "SUCCESS" || status === "ALREADY_DONE") owned(handle);
        if (wanted() === handle) tell("", status === "HANDLE_TAKEN");
        return handleWords(status, "claim", handle, account.state().key.until);
      },
    );
  }
  input.addEventListener("input", typed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled") !== "true") claim();
  });
  submit.disabled = false;
  const status = mountStatusView(
    find(card, "#result", HTMLElement),
    (next) => {
      if (next.action === "correct-handle") input.select();
      else if (next.action === "reload-page") location.reload();
      else void account.act(next);
    },
    () => account.cancel(),
    embedded,
  );
  const viewerOf = ({ signedIn, address }: State): string | null => (signedIn ? address : null);
  let viewer = viewerOf(account.state());
  const render = (): void => {
    const state = account.state();
    status(state);
    if (viewerOf(state) !== viewer) {
      // Whose a handle is was told to somebody else.
      viewer = viewerOf(state);
      owned("");
      if (state.busy === null || state.busy === "loading") typed();
    }
    setText(offline, state.online ? "" : "You are offline. Try again when the connection is back.");
    setAttribute(submit, "aria-disabled", String(state.busy !== null && state.busy !== "loading"));
  };
  account.subscribe(render);
  render();
  if (input.value !== "") typed(); // browsers bring back what a field said
}
