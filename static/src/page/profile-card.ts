// The card of the profile in question: picture, names, follower count, the button.

import { hindrance } from "../follow/profile-reader.ts";
import type { NextStep, State } from "../state/types.ts";
import { followers } from "../text/format.ts";
import { button, el, find, part, setAttribute, setText } from "../ui/dom.ts";
import { picture } from "../ui/pictures.ts";
import { mountFollowButton } from "./follow-button.ts";

/**
 * Takes over the template's card; `press` is its button, for the handle that it shows, and `act` does what a problem
 * calls for. `choosing`: what the field says is not looked up before the visitor chooses a suggestion or presses Enter.
 */
export function mountProfileCard(root: ParentNode, press: (handle: string) => void, act: (next: NextStep) => void): (state: State, choosing: boolean) => void {
  const card = find(root, "#profile", HTMLElement);
  const missing = find(root, "#no-profile", HTMLElement);
  const face = part(card, "face");
  const name = part(card, "name");
  const about = part(card, "about");
  const follow = mountFollowButton(part(card, "follow", HTMLButtonElement), () => press(shown));
  about.id = "about-profile";
  const beside = find(root, "#profile-problem", HTMLElement);
  let shown = "";
  let drawn = "";
  let told = " ";
  let answered: State["result"] = null;

  /**
   * A problem beside what was read before, or the way out of one that left nothing to show. Where the last act met a
   * problem too, that one's words and button stand for both.
   */
  const tell = ({ profile, profileProblem, result, busy }: State): void => {
    if (result !== null || busy === null) answered = result;
    const said = answered?.kind === "problem" ? answered : null;
    const words = profile === null || profileProblem === null || profileProblem.sentence === said?.sentence ? "" : profileProblem.sentence;
    const way = profileProblem?.next ?? null;
    const next = way?.action === "correct-handle" || (said !== null && said.next !== null) ? null : way;
    const telling = `${words} ${next?.label ?? ""}`;
    if (telling === told) return;
    told = telling;
    beside.hidden = words === "" && next === null;
    beside.replaceChildren(el("p", {}, words), ...(next === null ? [] : [button(next.label, "btn small", () => act(next))]));
  };

  return (state, choosing) => {
    const { profile, busy } = state;
    tell(state);
    card.hidden = profile === null;
    missing.hidden = profile !== null;
    if (profile === null) {
      const loading = busy === "loading" ? "Looking it up…" : "Type a handle to see its profile.";
      setText(part(missing, "why"), state.profileProblem?.sentence ?? loading);
      return;
    }
    shown = profile.handle;
    setAttribute(card, "aria-label", shown);
    const seen = `${profile.handle} ${profile.avatar ?? ""}`;
    if (drawn !== seen) face.replaceChildren(picture(profile.handle, profile.avatar));
    drawn = seen;
    setText(name, `@${profile.handle}`);
    const called = profile.displayName !== "" && profile.displayName !== profile.handle ? [profile.displayName] : [];
    const yours = profile.isMine ? ["your own handle"] : [];
    // The button belongs to what the field says: while that is another handle, the card says why it can do nothing.
    const why = hindrance(state.handle, shown, choosing);
    card.toggleAttribute("data-before", why !== null);
    setText(about, why ?? [...called, followers(profile.followerCount), ...yours].join(" · "));
    follow.render({
      following: profile.isFollowedByMe,
      why: why === null ? null : about.id,
      disabled: why !== null || (busy !== null && busy !== "loading"),
      primary: state.signedIn && state.key.state === "ready",
      visible: !profile.isMine || profile.isFollowedByMe,
    });
  };
}
