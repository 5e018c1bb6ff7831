// The profile on the page, always as the server tells it, and never as seen by another account.

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import { isHandle, normaliseHandle } from "../protocol/handle.ts";
import type { PageState } from "../state/page-state.ts";
import { ownFault, problemFor } from "../state/problems.ts";
import { sentenceFor } from "../state/status.ts";
import type { Problem, Profile } from "../types.ts";

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
export function mayRecover(problem: Problem | null): boolean {
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
