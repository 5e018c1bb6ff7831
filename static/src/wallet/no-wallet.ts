// What somebody without a wallet can do: open the page in the browser of a wallet's app, or get a wallet. Loaded only for
// them; imports nothing, so that it stays a piece of its own.

export interface Advice {
  readonly words: string;
  /** Name of a wallet, and the link that opens the page in its own browser. */
  readonly links: readonly (readonly [name: string, href: string])[];
}

/** A name that only this machine knows. */
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Links that open `page` in a wallet's own browser, as the wallets' makers document them. */
function linksTo(page: URL): Advice["links"] {
  // Nothing that stands behind # or ? is anybody's business.
  const bare = `${page.host}${page.pathname}`;
  const url = encodeURIComponent(`https://${bare}`);
  return [
    ["MetaMask", `https://link.metamask.io/dapp/${bare}`],
    ["Coinbase Wallet", `https://go.cb-w.com/dapp?cb_url=${url}`],
    ["Trust Wallet", `https://link.trustwallet.com/open_url?coin_id=60&url=${url}`],
    ["Phantom", `https://phantom.app/ul/browse/${url}?ref=${url}`],
  ];
}

/** What to say in place of wallets, in the list that the sandbox wallet ends. */
export function adviceWithoutWallet(page: URL, onPhone: boolean): Advice {
  if (!onPhone) {
    return { words: "No wallet found in this browser. Wallets are extensions: install one, such as MetaMask or Rabby, then reload this page. The sandbox wallet needs none.", links: [] };
  }
  // Nothing could be opened there, so there is nothing to offer.
  if (page.protocol !== "https:" || LOOPBACK.test(page.hostname)) {
    return { words: `No wallet found. The wallets of phones bring a browser, but it cannot open ${page.host}: it takes public pages over https. The sandbox wallet works here.`, links: [] };
  }
  return { words: "Or go on here with the sandbox wallet, which needs no app.", links: linksTo(page) };
}
