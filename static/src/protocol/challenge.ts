// The text that the site asks a wallet to sign: checked before any wallet sees it.
// https://eips.ethereum.org/EIPS/eip-4361

import { sameAddress } from "./address.ts";

/** The site's text is not what this page asked for; `field` names the line. The wallet has not seen it. */
export class ChallengeRefused extends Error {
  override name = "ChallengeRefused";
  readonly field: string;
  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.field = field;
  }
}

const LONGEST = 2048;
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

function originOf(uri: string): string | null {
  try {
    return new URL(uri).origin;
  } catch {
    return null;
  }
}

/** Refuses a text that signs in elsewhere, or someone else, or hides something. */
export function checkChallenge(message: string, expected: { origin: string; address: string; chainId: number }): void {
  const { origin, address, chainId } = expected;
  const { host } = new URL(origin);
  if (message.length > LONGEST || CONTROL.test(message)) throw new ChallengeRefused("text", `at most ${LONGEST} characters, no control characters`);
  const [first, second, ...rest] = message.split("\n");
  const ending = " wants you to sign in with your Ethereum account:";
  if (first !== `${host}${ending}` && first !== `${origin}${ending}`) throw new ChallengeRefused("domain", host);
  if (!sameAddress(second ?? null, address)) throw new ChallengeRefused("address", address);
  const values = (name: string): string[] => rest.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const [uri, ...moreUris] = values("URI");
  if (uri === undefined || moreUris.length > 0 || originOf(uri) !== origin) throw new ChallengeRefused("URI", origin);
  const [chain, ...moreChains] = values("Chain ID");
  if (moreChains.length > 0 || chain !== String(chainId)) throw new ChallengeRefused("Chain ID", String(chainId));
}
