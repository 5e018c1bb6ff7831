// Pages that are one account's: what belongs to it leaves the screen when another comes.

import type { Account } from "../account/types.ts";
import type { Address } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { SIGN_IN } from "../state/status-words.ts";
import { find, part, setText } from "../ui/dom.ts";

/** The page is one account's, `mine`, or nobody's. What belongs to one does not stay on the screen of another. */
export function watchOwner(account: Account, mine: Address | null): void {
  const owned = document.querySelectorAll(".owned");
  const away = find(document, "#away", HTMLElement);
  const why = part(away, "why");
  const again = part(away, "again");
  let reloading = false;
  again.addEventListener("click", () => {
    const next = account.state().result?.next;
    if (next !== null && next !== undefined) void account.act(next);
  });
  account.subscribe(({ address, signedIn, result }) => {
    if (signedIn && away.hidden && sameAddress(address, mine)) return;
    for (const section of owned) section.remove();
    away.hidden = false;
    setText(why, result?.sentence ?? "");
    const next = result?.next ?? null;
    // The page has a link of its own to where anybody signs in.
    again.hidden = next === null || next === SIGN_IN || !["retry", "revoke-key", "sign-in"].includes(next.action);
    setText(again, next?.label ?? "");
    if (!signedIn || reloading) return;
    reloading = true;
    location.reload();
  });
}
