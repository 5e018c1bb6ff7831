// What the lesson says about each status: why it was earned, and what a client does next.

import type { Status } from "../protocol/statuses.ts";
import { isStatus } from "../protocol/statuses.ts";

interface Words {
  sentence: string;
  next: string;
}

/** In an answer to a request that the lesson made, or that somebody edited. */
const WORDS: Readonly<Record<Status, Words>> = {
  INVALID_ADDRESS: { sentence: "Upper and lower case in an address are its checksum (EIP-55), and here they do not fit: somebody mistyped, or copied a part.", next: "take the address from the wallet, as it spells it." },
  HANDLE_NOT_FOUND: { sentence: "No profile has this handle. Nothing else of the request was looked at.", next: "look the handle up, or correct it." },
  INVALID_MESSAGE: { sentence: "The message is not one that this mutation takes: it has to have its four members, and to say the same as the request.", next: "write the message anew, for this very mutation." },
  MESSAGE_EXPIRED: { sentence: "The message's time is outside the window of five minutes, or an operation on this handle is newer.", next: "write it again with the reply's tsInServer, and sign that." },
  INVALID_SIGNING_KEY: { sentence: "The wallet of this address never authorised this key, or has revoked it. What the key signed is not looked at.", next: "have the wallet authorise the key: registerSigningKey." },
  EXPIRED_SIGNING_KEY: { sentence: "The wallet did authorise this key, but its time is over.", next: "authorise a new key, or renew this one." },
  INVALID_SIGNATURE: { sentence: "The gateway checked the signature over the exact bytes of the message, and it does not fit them.", next: "sign exactly the text that is sent." },
  ALREADY_DONE: { sentence: "Everything is in order, but it is so already: nothing was appended to the log.", next: "nothing. A retry after a lost reply ends here, too." },
  RATE_LIMITED: { sentence: "Everything is in order, but this address has spent its operations of the minute. Those of a demo signer are 0.", next: "wait as many seconds as the reply's retryAfter says." },
  SUCCESS: { sentence: "All checks passed: the operation is in the log, and has a proof.", next: "read the state back, and show that." },
};

export function wordsFor(status: string): Words {
  return isStatus(status) ? WORDS[status] : { sentence: "This page does not know this status.", next: "see the contract of the gateway." };
}
