// The profile on the page, always as the server tells it, and never as seen by another account.

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Profile } from "../api/types.ts";
import { isHandle, normaliseHandle } from "../protocol/handle.ts";
import type { PageState } from "../state/page-state.ts";
import { ownFault, problemFor } from "../state/problems.ts";
import { sentenceFor } from "../state/status-words.ts";
import type { Problem } from "../state/types.ts";

export interface ProfileReader {
  /** Reads the profile of what was typed; the newest call wins. */
  lookUp(typed: string): Promise<void>;
  /** Reads the profile on the page again; true where it was read. */
  again(): Promise<boolean>;
  /** Reads this profile, for the page where it is the one wanted there; null where it cannot be read. */
  of(handle: string): Promise<Profile | null>;
}

const TRY_READING: Problem["next"] = { label: "Try again", action: "reload" };

/** Whether it is only a matter of time until the profile can be read. */
function mayRecover(problem: Problem | null): boolean {
  return problem?.next === TRY_READING;
}

/** The profile as anyone sees it. */
export function asStranger(profile: Profile | null): Profile | null {
  return profile === null ? null : { ...profile, isFollowedByMe: false, isMine: false };
}

/** Why a profile cannot be shown, and the way to try again. */
export function problemOf(error: unknown, handle: string): Problem {
  if (error instanceof ProblemError && error.slug === "not-found") {
    return { title: "No such handle", ...sentenceFor("HANDLE_NOT_FOUND", { op: "follow", handle }), requestId: error.requestId };
  }
  return { ...(problemFor(error) ?? ownFault()), next: TRY_READING };
}

/**
 * Why nothing can be done for the profile `shown` while the field says `typed`; null where they are about the same.
 * `choosing`: nothing is looked up before the visitor chooses a suggestion or presses Enter.
 */
export function hindrance(typed: string, shown: string, choosing: boolean): string | null {
  const meant = normaliseHandle(typed);
  if (meant === shown) return null;
  if (meant === "") return "Type a handle";
  if (!isHandle(meant)) return "That is no handle";
  return choosing ? `Press Enter to look up @${meant}` : `Looking up @${meant}`;
}

const NO_HANDLE: Problem = {
  title: "Not a handle",
  sentence: "A handle has 1 to 20 letters a to z, digits, _ and -, and begins with a letter or digit.",
  next: { label: "Correct the handle", action: "correct-handle" },
  requestId: null,
};

export function createProfileReader(api: Api, { get: state, set }: PageState): ProfileReader {
  let newest = 0;
  let wanted = state().profile?.handle ?? (mayRecover(state().profileProblem) ? state().handle : null);

  async function again(): Promise<boolean> {
    if (wanted === null) return false;
    const mine = ++newest;
    const handle = wanted;
    try {
      const profile = await api.profile(handle);
      if (mine !== newest) return false;
      // Read before a switch, or while the site still takes another account for the active one: nobody's in particular.
      set({ profile: state().signedIn ? profile : asStranger(profile), profileProblem: null });
      return true;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (mine !== newest) return false;
      // What was read before stays for as long as it is about this handle, with the problem beside it.
      const gone = error.slug === "not-found" || state().profile?.handle !== handle;
      set({ profileProblem: problemOf(error, handle), ...(gone ? { profile: null } : {}) });
      return false;
    }
  }

  return {
    again,
    async of(handle) {
      if (handle === wanted) return (await again()) ? state().profile : null;
      try {
        return await api.profile(handle);
      } catch (error) {
        if (error instanceof ProblemError) return null;
        throw error;
      }
    },
    async lookUp(typed) {
      const handle = normaliseHandle(typed);
      if (handle !== "" && isHandle(handle)) {
        wanted = handle;
        await again();
      } else {
        newest++;
        wanted = null;
        set({ profile: null, profileProblem: handle === "" ? null : NO_HANDLE });
      }
    },
  };
}

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** Begins wherever the page's profile cannot be read for now, and ends where it can. Returns the way to stop. */
export function keepReading(page: PageState, profile: ProfileReader, pause: (ms: number) => Promise<void>): () => void {
  let going = false;
  let stopped = false;
  const wanting = (): boolean => !stopped && mayRecover(page.get().profileProblem);

  async function go(): Promise<void> {
    going = true;
    for (let ms = FIRST_MS; wanting(); ms = Math.min(2 * ms, LONGEST_MS)) {
      await pause(ms);
      // An act reads it at its end; without a network there is nothing to read.
      if (wanting() && page.get().online && !page.running()) await profile.again();
    }
    going = false;
  }
  const look = (): void => {
    if (!going && wanting()) void go();
  };
  const leave = page.subscribe(look);
  look();
  return () => {
    stopped = true;
    leave();
  };
}
