// Every status a mutation can answer, in the contract's order.

export const STATUSES = [
  "INVALID_ADDRESS",
  "HANDLE_NOT_FOUND",
  "INVALID_MESSAGE",
  "MESSAGE_EXPIRED",
  "INVALID_SIGNING_KEY",
  "EXPIRED_SIGNING_KEY",
  "INVALID_SIGNATURE",
  "ALREADY_DONE",
  "RATE_LIMITED",
  "SUCCESS",
] as const;
export type Status = (typeof STATUSES)[number];

export const REGISTRATION_STATUSES = [
  "INVALID_ADDRESS",
  "INVALID_MESSAGE",
  "INVALID_SIGNING_KEY",
  "INVALID_SIGNATURE",
  "SUCCESS",
] as const;
export type RegistrationStatus = (typeof REGISTRATION_STATUSES)[number];

export const HANDLE_STATUSES = [
  "INVALID_ADDRESS",
  "HANDLE_NOT_FOUND",
  "INVALID_MESSAGE",
  "MESSAGE_EXPIRED",
  "INVALID_SIGNING_KEY",
  "EXPIRED_SIGNING_KEY",
  "INVALID_SIGNATURE",
  "HANDLE_TAKEN",
  "ALREADY_DONE",
  "RATE_LIMITED",
  "SUCCESS",
] as const;
export type HandleStatus = (typeof HANDLE_STATUSES)[number];

export function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

export function isRegistrationStatus(text: string): text is RegistrationStatus {
  return (REGISTRATION_STATUSES as readonly string[]).includes(text);
}

export function isHandleStatus(text: string): text is HandleStatus {
  return (HANDLE_STATUSES as readonly string[]).includes(text);
}
