/**
 * The follow button for pages of other sites. The module defines the element `<follow-button handle="shiyu">`.
 *
 * Attributes: `handle`, whom to follow; `theme`, `light` or `dark` where the page does not go by the visitor's system;
 * `count="off"`, to show and ask for no number.
 */

/** The gateway's answer, `BLOCKED` where no window opened, or `CLOSED` where it was closed with nothing answered. */
export type FollowStatus =
  | "SUCCESS"
  | "ALREADY_DONE"
  | "INVALID_ADDRESS"
  | "HANDLE_NOT_FOUND"
  | "INVALID_MESSAGE"
  | "MESSAGE_EXPIRED"
  | "INVALID_SIGNING_KEY"
  | "EXPIRED_SIGNING_KEY"
  | "INVALID_SIGNATURE"
  | "RATE_LIMITED"
  | "BLOCKED"
  | "CLOSED";

/** What came of a press. It says nothing of who pressed. */
export interface FollowDetail {
  /** Whom the press was about: what `handle` was then. */
  handle: string;
  status: FollowStatus;
  /** Whether the visitor follows them, as far as this page view knows. */
  following: boolean;
}

export declare class FollowButton extends HTMLElement {
  /** The attribute `handle`; empty without one. */
  handle: string;
  /** Whether the visitor follows them, as far as this page view knows. */
  readonly following: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "follow-button": FollowButton;
  }
  /** It bubbles: elements, document and window hear it. */
  interface GlobalEventHandlersEventMap {
    "follow-button": CustomEvent<FollowDetail>;
  }
}
