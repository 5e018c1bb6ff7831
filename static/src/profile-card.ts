// The card of the profile in question: picture, names, follower count, the button.

import { el, find, part, setAttribute, setText } from "./dom.ts";
import { mountFollowButton } from "./follow-button.ts";
import { followers } from "./format.ts";
import { identicon } from "./identicon.ts";
import type { State } from "./types.ts";

/** An avatar that the page's policy lets through: our own files and data URLs; other hosts get an identicon. */
function picture(handle: string, avatar: string | null): Element {
  const ours = avatar !== null && (avatar.startsWith("data:image/") || (avatar.startsWith("/") && !avatar.startsWith("//")));
  return ours ? el("img", { src: avatar, alt: "", width: 52, height: 52 }) : identicon(handle);
}

/** Takes over the template's card; `press` is the button. */
export function mountProfileCard(root: ParentNode, press: () => void): (state: State) => void {
  const card = find(root, "#profile", HTMLElement);
  const missing = find(root, "#no-profile", HTMLElement);
  const face = part(card, "face");
  const name = part(card, "name");
  const about = part(card, "about");
  const button = mountFollowButton(part(card, "follow", HTMLButtonElement), press);
  let drawn = "";

  return (state) => {
    const { profile, busy } = state;
    card.hidden = profile === null;
    missing.hidden = profile !== null;
    if (profile === null) {
      const loading = busy === "loading" ? "Looking it up…" : "Type a handle to see its profile.";
      setText(part(missing, "why"), state.profileProblem?.sentence ?? loading);
      return;
    }
    setAttribute(card, "aria-label", profile.handle);
    const seen = `${profile.handle} ${profile.avatar ?? ""}`;
    if (drawn !== seen) face.replaceChildren(picture(profile.handle, profile.avatar));
    drawn = seen;
    setText(name, `@${profile.handle}`);
    const called = profile.displayName !== "" && profile.displayName !== profile.handle ? [profile.displayName] : [];
    const yours = profile.isMine ? ["your own handle"] : [];
    setText(about, [...called, followers(profile.followerCount), ...yours].join(" · "));
    button.render({
      following: profile.isFollowedByMe,
      busy: busy !== null && busy !== "loading",
      visible: !profile.isMine || profile.isFollowedByMe,
    });
  };
}
