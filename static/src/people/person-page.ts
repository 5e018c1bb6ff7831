// Somebody's page: the button, the count beside it, and what came of a press.

import type { Account } from "../account/types.ts";
import type { Address } from "../protocol/address.ts";
import { mountFollowButton } from "../page/follow-button.ts";
import { mountStatusView } from "../page/status-view.ts";
import type { NextStep, State } from "../state/types.ts";
import { copyFrom, find, part, setText } from "../ui/dom.ts";
import { picture } from "../ui/pictures.ts";
import type { ReadFollowers } from "./followers.ts";
import { mountFollowers } from "./followers.ts";
import type { AskFirst } from "./own-profile.ts";
import { mountOwnFollowers } from "./own-followers.ts";
import { mountOwnProfile } from "./own-profile.ts";

/** Draws what a profile shows, as the gateway tells it now; null where nobody has the handle any more. */
function mountShown(head: HTMLElement, handle: string, first: State["profile"]): (profile: State["profile"]) => void {
  const [face, name, bio] = [find(head, ".face", HTMLElement), part(head, "name"), part(head, "bio")];
  let avatar = first?.avatar ?? null;
  const fill = (place: HTMLElement, text: string): void => {
    setText(place, text);
    place.hidden = text === "";
  };
  return (profile) => {
    const called = profile === null ? "Nobody has this handle any more." : profile.displayName;
    fill(name, called === handle ? "" : called);
    fill(bio, profile?.bio ?? "");
    const wanted = profile?.avatar ?? null;
    if (wanted !== avatar) face.replaceChildren(picture(handle, wanted));
    avatar = wanted;
  };
}

/** Makes the page of `handle` work; what its template says is as `viewer` sees it. */
export function mountPerson(root: Document, account: Account, handle: string, viewer: Address | null, embedded: boolean, askFirst: AskFirst, readFollowers: ReadFollowers): void {
  const head = find(root, ".person-head", HTMLElement);
  const offline = find(root, "#offline", HTMLElement);
  const act = ({ action, label }: NextStep): void => {
    if (action === "reload-page") location.reload();
    else if (action === "correct-handle") own.correct();
    else void account.act({ action, label });
  };
  const embed = find(root, "#embed", HTMLElement);
  const copy = part(embed, "copy", HTMLButtonElement);
  copy.addEventListener("click", () => void copyFrom(copy, find(embed, "pre", HTMLElement).textContent ?? ""));
  const own = mountOwnProfile(root, account, handle, askFirst);
  const followers = mountOwnFollowers(root, account, handle, askFirst);
  const show = mountShown(head, handle, account.state().profile);
  const keepFollowers = mountFollowers(root, handle, account.state().profile?.followerCount ?? null, new URLSearchParams(root.location.search), readFollowers);
  const follow = mountFollowButton(part(head, "follow", HTMLButtonElement), () => void account.toggle(handle));
  /** Of somebody who follows the visitor; an owner's says that it is their own. */
  const mark = account.state().profile?.isMine === true ? null : head.querySelector(".called .mark");
  const status = mountStatusView(find(head, "#result", HTMLElement), act, () => account.cancel(), embedded);
  const render = (): void => {
    const state = account.state();
    const { profile, busy, profileProblem } = state;
    const gone = profile === null && profileProblem?.next?.action === "correct-handle";
    status(state);
    setText(offline, state.online ? "" : "You are offline. Try again when the connection is back.");
    // The marks in lists were made for whoever opened the page.
    root.body.toggleAttribute("data-seen-by-another", (state.signedIn ? state.address : null) !== viewer);
    own.render(state);
    followers.render(state);
    if (profile !== null || gone) show(profile);
    root.body.toggleAttribute("data-gone", gone);
    if (gone) part(head, "follow").hidden = true;
    if (profile === null) return;
    keepFollowers(state);
    if (mark !== null) setText(mark, profile.isFollowedByMe ? "Mutual" : "Follows you");
    setText(find(head, "#follower-count", HTMLElement), profile.followerCount.toLocaleString("en"));
    setText(find(head, "#follower-word", HTMLElement), profile.followerCount === 1 ? "follower" : "followers");
    follow.render({
      following: profile.isFollowedByMe,
      why: null,
      disabled: busy !== null && busy !== "loading",
      primary: true,
      visible: !profile.isMine || profile.isFollowedByMe,
    });
  };
  account.subscribe(render);
  render();
}
