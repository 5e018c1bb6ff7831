// The window that a button on another site opened: who asks, whom to follow, and the press that does it. Nothing but a
// press here acts, and only what came of one is told.

import type { Account } from "../account/types.ts";
import { mountFollowButton } from "../page/follow-button.ts";
import { mountStatusView } from "../page/status-view.ts";
import type { NextStep, State } from "../state/types.ts";
import { followers } from "../text/format.ts";
import { el, find, part, setAttribute, setText } from "../ui/dom.ts";
import type { Asker } from "./asker.ts";
import { findAsker } from "./asker.ts";
import { createLookedAt } from "./looked-at.ts";
import { newsOf } from "./news.ts";

interface Deps {
  account: Account;
  handle: string;
  /** Whether the gateway is this very server. */
  embedded: boolean;
  now(): number;
  pause(ms: number): Promise<void>;
}

const LOOK_MS = 250;
/** How long the window stays behind what it told last, which could be lost with it. */
const TELLING_MS = 100;
const WORDS: Readonly<Record<Exclude<Asker["kind"], "known">, string>> = {
  waiting: "the page that opened this window…",
  none: "No page is tied to this window, so that none could be told.",
  silent: "The page that opened this window does not say what it asks for.",
};

/** Makes the window's page work. */
export function mountAsked(root: Document, { account, handle, embedded, now, pause }: Deps): void {
  const window = root.defaultView;
  if (window === null) return;
  const main = find(root, "#main", HTMLElement);
  const origin = part(main, "origin");
  const learns = part(main, "learns");
  const count = part(main, "count");
  const hint = part(main, "hint");
  const done = part(main, "done", HTMLButtonElement);
  const close = part(main, "close", HTMLButtonElement);
  const ways = part(main, "ways");
  const looked = createLookedAt(now);
  let settled = false;
  let leaving = false;
  let told: State["result"] = null;

  const asking = findAsker(handle, { opener: window.opener as Window | null, listen: (hear) => window.addEventListener("message", hear), pause }, () => {
    if (looked.left() !== null) looked.seen(); // who asks is to be read, too
    render();
    void settle();
  });
  const front = (): void => {
    if (root.visibilityState !== "visible" || !root.hasFocus()) looked.away();
    else if (looked.left() === null) looked.seen();
  };
  /** At first the button itself waits, until what it is about could be read. Not every browser tells of the focus at once. */
  const settle = async (): Promise<void> => {
    while (!settled && asking.asker().kind === "known") {
      front();
      const left = looked.left();
      if (left === 0) settled = true;
      else await pause(Math.ceil(left ?? LOOK_MS));
    }
    render();
  };
  /** Whether a press counts: somebody asks, and what is asked could be read. */
  const counts = (): boolean => {
    const seen = looked.counts();
    setText(hint, seen ? "" : "This window has only just come to the front. Look who asks, and press again.");
    return seen && asking.asker().kind === "known";
  };
  /** Tells what a press here came to, once it has. */
  const tellOf = async (acted: Promise<void>): Promise<void> => {
    await acted;
    const state = account.state();
    const news = state.result === told ? null : newsOf(state, handle);
    told = state.result;
    if (news === null) return;
    asking.tell(news);
    learns.replaceChildren("That page was told ", el("code", {}, news.status), ", and neither your address nor anything else of you.");
  };
  const follow = mountFollowButton(part(main, "follow", HTMLButtonElement), () => counts() && void tellOf(account.toggle(handle)));
  const act = (next: NextStep): void => {
    if (next.action === "reload-page") root.location.reload();
    else if (next.action === "correct-handle") window.close();
    else void tellOf(account.act(next));
  };
  const status = mountStatusView(find(main, "#result", HTMLElement), act, () => account.cancel(), embedded);

  const render = (): void => {
    const state = account.state();
    const { profile, profileProblem, busy } = state;
    const asker = asking.asker();
    const known = asker.kind === "known";
    main.dataset["asker"] = asker.kind;
    setText(origin, known ? asker.origin : WORDS[asker.kind]);
    ways.hidden = known || asker.kind === "waiting";
    learns.hidden = !known;
    status(state);
    setText(count, profile === null ? (profileProblem?.sentence ?? "") : followers(profile.followerCount));
    const following = profile?.isFollowedByMe === true;
    follow.render({
      following,
      why: null,
      disabled: !settled || (busy !== null && busy !== "loading"),
      primary: true,
      visible: profile !== null && (!profile.isMine || following),
    });
    const over = newsOf(state, handle) !== null;
    setAttribute(done, "aria-disabled", String(!settled));
    done.hidden = !known || busy !== null || over || !following;
    close.classList.toggle("primary", over && following);
  };

  done.addEventListener("click", () => {
    if (leaving || !counts()) return;
    leaving = true; // a double click tells once
    asking.tell({ handle, status: "ALREADY_DONE", following: true });
    void pause(TELLING_MS).then(() => window.close());
  });
  close.addEventListener("click", () => window.close());
  window.addEventListener("focus", front);
  window.addEventListener("blur", front);
  root.addEventListener("visibilitychange", front);
  front();
  account.subscribe(render);
  render();
}
