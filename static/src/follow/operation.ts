// One follow or unfollow: compose, sign with the device key, send, and once more with the gateway's time where it asks.

import type { Api, OperationReply, SignedOperation } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import { isBelievable } from "../api/server-clock.ts";
import type { StoredKey } from "../browser/key-store.ts";
import type { Address } from "../protocol/address.ts";
import type { Operation } from "../protocol/message.ts";
import { composeMessage, digestOf } from "../protocol/message.ts";
import { signText } from "../protocol/signing-key.ts";
import type { Act } from "../state/act.ts";
import { mayHaveArrived } from "../state/problems.ts";
import { failureOf, resultOf } from "../state/results.ts";
import { GATEWAY_HAS_IT } from "../state/waits.ts";
import type { OperationOutcome } from "./outcome.ts";

interface Operations {
  run(operation: Operation, address: Address, handle: string, key: StoredKey, act: Act): Promise<OperationOutcome>;
}

/** How far ahead a message's time may be by default, the narrower side of the gateway's window. */
const TOLERANCE_MS = 60_000;

interface Unanswered {
  operation: Operation;
  signed: SignedOperation;
}

/** `[text to show, its label]` of an operation's three pieces of bytes. */
function pieces({ message, signature, signingKey }: SignedOperation) {
  return {
    message: { label: "Message", text: message, kind: "json", by: "device" } as const,
    signature: { label: "Signature", text: signature, kind: "hex", by: "device", note: "P-256, raw r‖s, 64 bytes" } as const,
    signingKey: { label: "Signing key", text: signingKey, kind: "base64", by: "device", note: "SPKI, 91 bytes" } as const,
  };
}

interface OperationDeps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
  /** An answer came that the act did not wait for any more. */
  late(): void;
}

export function createOperations({ api, clock, serverClock, late }: OperationDeps): Operations {
  /** The one message that may have arrived without our hearing of it. The same bytes can be sent again without harm. */
  let unanswered: Unanswered | null = null;

  async function sign(operation: Operation, address: Address, handle: string, ts: number, key: StoredKey, act: Act, title: string): Promise<SignedOperation> {
    const message = composeMessage(operation, address, handle, ts);
    act.step({ actor: "device", kind: "message", title, parts: [{ label: "Message", text: message, kind: "json", by: "device" }] });
    const signing = clock.elapsed();
    const signature = await act.still(signText(key.keyPair.privateKey, message));
    const signed = { address, handle, message, signature, signingKey: key.signingKey };
    const shown = pieces(signed);
    act.step({ actor: "device", kind: "device-signature", title: "Signed the message", parts: [shown.message, shown.signature, shown.signingKey] }, signing);
    return signed;
  }

  async function send(operation: Operation, signed: SignedOperation, act: Act, title: string): Promise<OperationReply> {
    const sending = clock.elapsed();
    const mine = { operation, signed };
    unanswered = mine;
    const answered = (): void => {
      if (unanswered === mine) unanswered = null;
      if (act.signal.aborted) late();
    };
    // Once it has left, it counts: its answer is taken note of even where the act does not wait for it any more.
    const reply = api.operate(operation, signed).then(
      (got) => (answered(), record(got, signed, act, title, sending), got),
      (error: unknown) => {
        if (!mayHaveArrived(error)) answered();
        // Told here, since the act may still find out that it went well.
        const failure = failureOf(resultOf(error), error);
        if (failure !== null) act.step(failure, sending);
        throw error;
      },
    );
    return act.waitFor(GATEWAY_HAS_IT, reply);
  }

  function record({ exchange, status }: OperationReply, signed: SignedOperation, act: Act, title: string, sending: number): void {
    const sent = { label: "Sent to the gateway", text: exchange.request.body, kind: "json" as const, by: "site" as const };
    act.step({ actor: "site", kind: "proxied-mutation", title, parts: [sent, ...Object.values(pieces(signed))], exchange }, sending);
    const body = { label: "Answer", text: exchange.response.body, kind: "json" as const, by: "gateway" as const };
    act.step({ actor: "gateway", kind: "reply", title: `Answered ${status}`, parts: [body], exchange }, clock.elapsed() - exchange.durationMs);
  }

  /** The message to begin with: the unanswered one where it is about the same, else a new one. */
  async function first(operation: Operation, address: Address, handle: string, key: StoredKey, act: Act) {
    const earlier = unanswered;
    const same =
      earlier?.operation === operation &&
      earlier.signed.address === address &&
      earlier.signed.handle === handle &&
      earlier.signed.signingKey === key.signingKey;
    if (same) return { signed: earlier.signed, resent: true };
    return { signed: await sign(operation, address, handle, clock.now(), key, act, "Wrote the message"), resent: false };
  }

  return {
    async run(operation, address, handle, key, act) {
      const { signed, resent } = await first(operation, address, handle, key, act);
      const reply = await send(operation, signed, act, resent ? "Sent the same signed message again" : "Proxied the mutation");
      const digest = await digestOf(signed.message);
      const { status, tsInServer } = reply;
      const outcome = { status, tsInServer, digest, retried: false, clockOff: false, disbelieved: false, resent };
      if (status !== "MESSAGE_EXPIRED") return outcome;
      if (!isBelievable(tsInServer, serverClock.now())) return { ...outcome, disbelieved: true };

      const clockOff = Math.abs(clock.now() - serverClock.now()) > TOLERANCE_MS;
      const again = await sign(operation, address, handle, tsInServer, key, act, "Wrote the message again, with the gateway's time");
      const second = await send(operation, again, act, "Proxied the mutation again");
      return { ...outcome, status: second.status, tsInServer: second.tsInServer, digest: await digestOf(again.message), retried: true, clockOff };
    },
  };
}
