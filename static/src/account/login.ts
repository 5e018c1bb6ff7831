// Signing in: the site's text is checked and shown before any wallet sees it.
// https://eips.ethereum.org/EIPS/eip-4361

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Clock } from "../api/server-clock.ts";
import type { Session } from "../api/types.ts";
import type { Locks } from "../browser/locks.ts";
import { piece } from "../browser/piece.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { checkChallenge } from "../protocol/challenge.ts";
import type { Act } from "../state/act.ts";
import { holdFor } from "../state/act.ts";
import { WrongChain } from "../state/problems.ts";
import { forWallet, SITE, SITE_HAS_IT } from "../state/waits.ts";
import { isCompact, signatureForm, UserRejected, WalletError, WalletFailed } from "../wallet/answers.ts";
import type { WalletConnection } from "../wallet/connection.ts";

const MAINNET = 1;

/** Names the form where a signature was refused that came in one which the site does not take of a wallet's own key. */
function compactly(signature: Hex): (error: unknown) => never {
  return (error) => {
    const refused = error instanceof ProblemError && error.slug === "login-refused" && isCompact(signature);
    throw refused ? new WalletFailed("It signed in 64 bytes (EIP-2098), and this site takes the usual 65") : error;
  };
}

interface LoginDeps {
  api: Api;
  clock: Clock;
  locks: Locks;
  origin: string;
}

/**
 * The chain to sign in on, of those that are `admitted` (none: any). With `switching`, a wallet on another is asked to
 * change to the first of them (EIP-3326).
 */
async function admittedChain(connection: WalletConnection, admitted: readonly number[], act: Act, switching: boolean): Promise<number> {
  const [first = MAINNET, ...more] = admitted;
  const fits = (chain: number): boolean => admitted.length === 0 || admitted.includes(chain);
  // A wallet that knows no chain signs for any: the chain is a line of the text, no more.
  let chain = connection.chainId() ?? first;
  // Not every wallet tells of a change.
  if (!fits(chain)) chain = (await act.waitFor(forWallet(connection.wallet), connection.askChain())) ?? chain;
  if (!fits(chain) && switching) {
    try {
      chain = (await act.waitFor(forWallet(connection.wallet), connection.switchChain(first))) ?? first;
    } catch (error) {
      // 4902 (it has no such chain), 4200 (it never switches) and the rest come to the same: its owner has to do it.
      if (!(error instanceof WalletError) || error instanceof UserRejected) throw error;
    }
  }
  if (fits(chain)) return chain;
  const { wrongChain } = await act.still(piece(() => import("./chains.ts")));
  const { sentence, next } = wrongChain(connection.wallet.name, chain, [first, ...more], switching);
  throw new WrongChain(sentence, next);
}

/** Signs `address` in: challenge, wallet signature, verification by the site. With `switching`, the wallet may be asked to change its chain. */
export async function signInWith(
  connection: WalletConnection,
  address: Address,
  act: Act,
  { api, clock, locks, origin }: LoginDeps,
  switching: boolean,
): Promise<Session> {
  const { chainIds } = api.session();
  const chainId = await admittedChain(connection, chainIds ?? [], act, switching);
  const asked = clock.elapsed();
  const { message } = await act.waitFor(SITE, api.challenge(address, chainId));
  act.step({ actor: "site", kind: "challenge", title: "Wrote the sign-in text", parts: [{ label: "Text to sign", text: message, kind: "text", by: "site" }] }, asked);
  checkChallenge(message, { origin, address, chainId });

  const signing = clock.elapsed();
  const signature = await act.waitFor(forWallet(connection.wallet), connection.personalSign(message, address));
  act.step(
    {
      actor: "wallet",
      kind: "wallet-signature",
      title: "Signed in",
      parts: [
        { label: "Text", text: message, kind: "text", by: "site" },
        { label: "Signature", text: signature, kind: "hex", by: "wallet", note: signatureForm(signature) },
      ],
    },
    signing,
  );

  const verifying = clock.elapsed();
  // Signing in changes the browser's cookie: tabs that do it at once take turns.
  const session = await holdFor(act, locks, "sign-in", () => act.waitFor(SITE_HAS_IT, api.login(message, signature).catch(compactly(signature))));
  const parts = [{ label: "Signed in as", text: session.address ?? "", kind: "text" as const, by: "site" as const }];
  act.step({ actor: "site", kind: "reply", title: "Verified the signature", parts }, verifying);
  return session;
}
