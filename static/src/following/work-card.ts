// The card of long work, beside the list: meter, figures, what came of it, and what can be done about it.

import type { BulkState } from "../lists/bulk-state.ts";
import type { Address } from "../protocol/address.ts";
import { roughly, shortAddress } from "../text/format.ts";
import { button, el, find, part, setAttribute, setText } from "../ui/dom.ts";

export interface Work {
  op: "follow" | "unfollow";
  /** Whose work it is. */
  owner: Address;
  state: BulkState;
  /** How many of its changes can be taken back. */
  undoable: number;
}

interface Acts {
  stop(): void;
  resume(): void;
  retry(): void;
  undo(): void;
  /** Lets the device's key be authorised anew, and goes on. */
  renew(): void;
  /** Signs in as the account whose work it is, and goes on. */
  signIn(): void;
  download(): void;
  forget(): void;
}

const FEW = 6;
const count = (n: number): string => n.toLocaleString("en");

function title({ op, state: { phase, total, done } }: Work): string {
  if (phase.is === "finished" || phase.is === "stopped") return `${op === "follow" ? "Followed" : "Unfollowed"} ${count(done)} of ${count(total)}`;
  return `${op === "follow" ? "Following" : "Unfollowing"} ${count(total)}`;
}

function said({ owner, state: { phase, total, done, failed } }: Work, now: number): string {
  if (phase.is === "stopped") return `Stopped. ${count(total - done - failed.length)} were not sent.`;
  if (phase.is === "finished") return failed.length === 0 ? "All done." : `${count(failed.length)} failed: the reasons are below.`;
  if (phase.is !== "paused") return "";
  const again = phase.until === null ? "" : ` It goes on in ${roughly(phase.until - now)}.`;
  switch (phase.reason) {
    case "rate-limited":
      return `The gateway's quota is used up for the moment.${again}`;
    case "key":
      return "This device's key does not sign any more. Renew it, and it goes on where it stands.";
    case "session":
      return "The session has ended. Sign in again, and it goes on where it stands.";
    case "account":
      return `This browser is signed in with another account now. The work is that of ${shortAddress(owner)}: sign in as that one, and it goes on where it stands.`;
    case "offline":
      return `Site or gateway cannot be reached. Nothing is lost.${again}`;
    case "other-tab":
      return "Another tab of yours is at work for this account.";
  }
}

/** Draws the card into the template's; call what it returns with every change. */
export function mountWorkCard(card: HTMLElement, acts: Acts, now: () => number): (work: Work | null) => void {
  const heading = find(card, "h2", HTMLElement);
  const meter = find(card, ".meter", HTMLElement);
  const bar = find(meter, "i", HTMLElement);
  const row = part(card, "acts");
  let offered = "";

  function offer(work: Work): void {
    const { phase, failed } = work.state;
    const going = phase.is === "running" || phase.is === "paused";
    const wanted: [string, string, () => void][] = [];
    if (phase.is === "paused" && phase.reason === "key") wanted.push(["Renew", "btn primary", acts.renew]);
    if (phase.is === "paused" && phase.reason === "session") wanted.push(["Sign in again", "btn primary", acts.signIn]);
    if (phase.is === "paused" && phase.reason === "account") wanted.push([`Sign in as ${shortAddress(work.owner)}`, "btn primary", acts.signIn]);
    if (phase.is === "paused" && phase.reason === "offline") wanted.push(["Go on now", "btn", acts.resume]);
    if (going) wanted.push(["Stop", "btn", acts.stop]);
    if (!going && failed.some(({ canRetry }) => canRetry)) wanted.push(["Retry failed", "btn", acts.retry]);
    if (phase.is === "stopped") wanted.push(["Go on", "btn", acts.resume]);
    if (!going && work.undoable > 0) wanted.push(["Undo", "btn", acts.undo]);
    if (!going && failed.length > 0) wanted.push(["Download failures", "btn", acts.download]);
    if (!going) wanted.push(["Done", "btn", acts.forget]);
    const names = wanted.map(([name]) => name).join();
    if (names === offered) return;
    offered = names;
    row.replaceChildren(...wanted.map(([name, look, act]) => button(name, look, act)));
  }

  return (work) => {
    const shown = work !== null && work.state.phase.is !== "idle";
    card.hidden = !shown;
    if (work === null || !shown) {
      offered = "";
      return;
    }
    const { total, done, failed, byStatus, msLeft, phase } = work.state;
    const answered = done + failed.length;
    setText(heading, title(work));
    setAttribute(meter, "aria-valuemax", String(total));
    setAttribute(meter, "aria-valuenow", String(answered));
    bar.style.inlineSize = `${total === 0 ? 0 : (100 * answered) / total}%`;
    const left = total - answered;
    const time = msLeft !== null && phase.is === "running" && left > 0 ? `, ${roughly(msLeft)}` : "";
    part(card, "figures").replaceChildren(
      el("span", {}, el("b", {}, count(done)), " done"),
      el("span", {}, el("b", {}, count(failed.length)), " failed"),
      el("span", {}, el("b", {}, count(left)), ` to go${time}`),
    );
    setText(part(card, "said"), said(work, now()));
    const statuses = Object.entries(byStatus).filter(([status]) => status !== "not-sent");
    part(card, "outcomes").replaceChildren(
      ...statuses.map(([status, times]) => el("li", {}, el("span", { class: `stamp ${status === "SUCCESS" ? "ok" : ""}` }, status), ` ${count(times)}`)),
      ...failed.slice(0, FEW).map(({ handle, status, sentence }) => el("li", { class: "refused" }, el("span", { class: "stamp" }, status), ` @${handle}: ${sentence}`)),
      ...(failed.length > FEW ? [el("li", {}, `and ${count(failed.length - FEW)} more`)] : []),
    );
    offer(work);
  };
}
