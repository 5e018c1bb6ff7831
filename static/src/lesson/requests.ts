// Ten requests, one for each status: what is sent, and what of it is at fault. Everything is really signed.

import type { SignedOperation } from "../api/api.ts";
import { spanOf } from "../proofs/signed.ts";
import type { Address, Hex } from "../protocol/address.ts";
import type { Operation } from "../protocol/message.ts";
import { composeMessage } from "../protocol/message.ts";
import type { Status } from "../protocol/statuses.ts";
import type { Mark } from "../state/types.ts";

export type Field = keyof SignedOperation;

/** A part of a request that earns a refusal. */
export interface Fault extends Mark {
  field: Field;
}

/** What is sent to the mutation `op`. */
export interface Request {
  op: Operation;
  fields: SignedOperation;
  /** Null where nothing is. */
  fault: Fault | null;
}

/** Somebody as whom to sign. */
export interface Author {
  address: Address;
  signingKey: string;
  sign(text: string): Promise<Hex>;
}

/** What a request is made from. */
export interface Ground {
  author: Author;
  /** Somebody's. */
  handle: string;
  /** A time that the gateway takes, in milliseconds since the Unix epoch. */
  ts: number;
  /** Whether the author follows the handle. */
  follows: boolean;
  /** A handle that nobody has. */
  nobody: string;
  /** A key that no wallet authorised. */
  stranger(): Promise<Pick<Author, "signingKey" | "sign">>;
}

const HOUR_MS = 3_600_000;
/** Well inside r, whose form stays good whatever this byte is. */
const FLIPPED = 17;

export const other = (op: Operation): Operation => (op === "follow" ? "unfollow" : "follow");

const whole = (field: Field, text: string, note: string): Fault => ({ field, from: 0, to: text.length, note });

function inMessage(message: string, member: string, note: string): Fault {
  return { field: "message", ...(spanOf(message, member) ?? { from: 0, to: message.length }), note };
}

async function written(op: Operation, { author, handle, ts }: Pick<Ground, "handle" | "ts"> & { author: Author }): Promise<SignedOperation> {
  const message = composeMessage(op, author.address, handle, ts);
  return { address: author.address, handle, message, signature: await author.sign(message), signingKey: author.signingKey };
}

/** The address with the case of its first letter turned, so that its checksum is wrong; and where that is. */
function misspelt(address: Address): { address: Address; at: number } {
  const at = address.slice(2).search(/[a-f]/i) + 2;
  const letter = address.charAt(at);
  const turned = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return { address: `${address.slice(0, at)}${turned}${address.slice(at + 1)}` as Address, at };
}

/** The signature with the highest bit of one byte flipped; and what that byte was. */
function flipped(signature: Hex): { signature: Hex; from: number; was: string } {
  const from = 2 * FLIPPED; // 0x before it
  const was = signature.slice(from, from + 2);
  const now = (Number.parseInt(was, 16) ^ 0x80).toString(16).padStart(2, "0");
  return { signature: `${signature.slice(0, from)}${now}${signature.slice(from + 2)}` as Hex, from, was };
}

const MADE: Readonly<Record<Status, (ground: Ground, op: Operation) => Promise<Request>>> = {
  async INVALID_ADDRESS(ground, op) {
    const fields = await written(op, ground);
    const { address, at } = misspelt(ground.author.address);
    const note = `letter ${at - 1} · was ${ground.author.address.charAt(at)}`;
    return { op, fields: { ...fields, address }, fault: { field: "address", from: at, to: at + 1, note } };
  },
  async HANDLE_NOT_FOUND(ground, op) {
    const fields = await written(op, { ...ground, handle: ground.nobody });
    return { op, fields, fault: whole("handle", ground.nobody, "nobody has it") };
  },
  async INVALID_MESSAGE(ground, op) {
    const fields = await written(op, ground);
    return { op: other(op), fields, fault: inMessage(fields.message, "op", `says ${op} · sent as ${other(op)}`) };
  },
  async MESSAGE_EXPIRED(ground, op) {
    const fields = await written(op, { ...ground, ts: ground.ts - HOUR_MS });
    return { op, fields, fault: inMessage(fields.message, "ts", "an hour ago") };
  },
  async INVALID_SIGNING_KEY(ground, op) {
    const fields = await written(op, { ...ground, author: { ...ground.author, ...(await ground.stranger()) } });
    return { op, fields, fault: whole("signingKey", fields.signingKey, "no wallet authorised it") };
  },
  async EXPIRED_SIGNING_KEY(ground, op) {
    const fields = await written(op, ground);
    return { op, fields, fault: whole("signingKey", fields.signingKey, "it ran out") };
  },
  async INVALID_SIGNATURE(ground, op) {
    const fields = await written(op, ground);
    const { signature, from, was } = flipped(fields.signature);
    return { op, fields: { ...fields, signature }, fault: { field: "signature", from, to: from + 2, note: `byte ${FLIPPED} · was ${was}` } };
  },
  async ALREADY_DONE(ground, op) {
    const fields = await written(other(op), ground);
    return { op: other(op), fields, fault: inMessage(fields.message, "op", ground.follows ? "it follows already" : "it does not follow") };
  },
  async RATE_LIMITED(ground, op) {
    const fields = await written(op, ground);
    return { op, fields, fault: whole("address", fields.address, "its quota is 0 a minute") };
  },
  async SUCCESS(ground, op) {
    return { op, fields: await written(op, ground), fault: null };
  },
};

/** A request that earns `status`, on a ground where the author can sign. */
export function requestFor(status: Status, ground: Ground): Promise<Request> {
  return MADE[status](ground, ground.follows ? "unfollow" : "follow");
}

/** A request with nothing wrong in it. */
export async function goodRequest(op: Operation, ground: Pick<Ground, "handle" | "ts"> & { author: Author }): Promise<Request> {
  return { op, fields: await written(op, ground), fault: null };
}
