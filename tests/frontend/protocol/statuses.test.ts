import assert from "node:assert/strict";
import { test } from "node:test";

import { HANDLE_STATUSES, isHandleStatus, isRegistrationStatus, isStatus, REGISTRATION_STATUSES, STATUSES } from "../../../static/src/protocol/statuses.ts";
import { vectors } from "../support/vectors.ts";

const shared = vectors<{ statuses: { status: string }[]; registrationStatuses: { status: string }[]; handleStatuses: { status: string }[] }>("statuses");

test("the page knows the same statuses as the gateway, in the same order", () => {
  assert.deepEqual([...STATUSES], shared.statuses.map(({ status }) => status));
  assert.deepEqual([...REGISTRATION_STATUSES], shared.registrationStatuses.map(({ status }) => status));
  assert.deepEqual([...HANDLE_STATUSES], shared.handleStatuses.map(({ status }) => status));
});

test("a name that every object has is no status", () => {
  for (const name of ["constructor", "toString", "__proto__", ""]) assert.equal(isStatus(name) || isRegistrationStatus(name) || isHandleStatus(name), false);
});
