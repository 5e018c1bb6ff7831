// What only its owner does on a profile's page: say anew what it shows, and give the handle back.

import type { Account } from "../account/types.ts";
import type { Profile } from "../api/types.ts";
import { aboutHandle } from "../follow/operation.ts";
import type { ProfileText } from "../protocol/handle-message.ts";
import { composeHandleMessage, composeProfileMessage, LONGEST_BIO, LONGEST_NAME, longestPicture, MAX_PROFILE_BYTES } from "../protocol/handle-message.ts";
import type { StatusWords } from "../state/status-words.ts";
import { handleWords } from "../state/status-words.ts";
import type { State } from "../state/types.ts";
import { button, el, part, setAttribute, setText } from "../ui/dom.ts";
import { isShown, picture } from "../ui/pictures.ts";
import { NoPicture, smallPicture } from "./picture.ts";

interface OwnProfile {
  render(state: State): void;
  /** Puts the focus where the text can be changed. */
  correct(): void;
}

const lengthOf = (text: string): number => [...text].length;

/** A text of one line, with how much of it there may be beside it. */
function lineField(id: string, words: string, longest: number, input: HTMLInputElement | HTMLTextAreaElement): { field: HTMLElement; read(): string | null; write(text: string): void } {
  const count = el("span", { id: `${id}-count`, class: "count" });
  input.id = id;
  input.setAttribute("aria-describedby", count.id);
  input.autocomplete = "off";
  const read = (): string => input.value.trim();
  const show = (): void => {
    setText(count, `${lengthOf(read())} of ${longest}`);
    setAttribute(input, "aria-invalid", String(lengthOf(read()) > longest));
  };
  input.addEventListener("input", () => {
    if (/[\r\n]/.test(input.value)) input.value = input.value.replace(/\s*[\r\n]+\s*/g, " ");
    show();
  });
  return {
    field: el("div", { class: "field" }, el("label", { for: id }, words), input, count),
    read() {
      if (lengthOf(read()) <= longest) return read();
      input.focus();
      return null;
    },
    write(text) {
      input.value = text;
      show();
    },
  };
}

const FILES = "PNG, JPEG, WebP or GIF. This browser cuts its middle out and makes it small; the file itself goes nowhere.";
const ELSEWHERE = "Your picture is on another site, and pages here load none from elsewhere: a drawing stands in its place. Choose a file to show it here.";

/** The choice of a picture: its preview, a file, or none. */
function pictureField(handle: string): { field: HTMLElement; read(): string; write(avatar: string): void; complain(words: string): void } {
  let avatar = "";
  let newest = 0;
  const face = el("span", { class: "face" });
  const about = el("p", { class: "quiet" });
  const complaint = el("p", { class: "complaint", role: "alert" });
  /** In the place of what is said otherwise, so that nothing moves. */
  function complain(words: string): void {
    setText(complaint, words);
    about.hidden = words !== "";
  }
  const file = el("input", { type: "file", accept: "image/png,image/jpeg,image/webp,image/gif", hidden: true, "aria-label": "Picture" });
  const remove = button("Remove picture", "btn", () => {
    write("");
    choose.focus();
  });
  const choose = button("Choose a picture", "btn", () => file.click());
  function write(next: string): void {
    newest++;
    avatar = next;
    face.replaceChildren(picture(handle, next === "" ? null : next));
    remove.hidden = next === "";
    setText(about, next === "" || isShown(next) ? FILES : `${ELSEWHERE} ${FILES}`);
    complain("");
  }
  async function take(chosen: File): Promise<void> {
    const mine = ++newest;
    try {
      const url = await smallPicture(chosen, longestPicture());
      if (mine === newest) write(url);
    } catch (error) {
      if (!(error instanceof NoPicture)) throw error;
      if (mine === newest) complain(error.message);
    }
  }
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) void take(chosen);
    file.value = ""; // the same file may be chosen again
  });
  return {
    field: el("div", { class: "choose", role: "group", "aria-label": "Picture" }, face, el("div", {}, el("div", { class: "row" }, choose, remove, file), about, complaint)),
    read: () => avatar,
    write,
    complain,
  };
}

/** Whether the gateway tells of a profile what was signed; where it has no name it tells the handle. */
function shows({ handle, displayName, bio, avatar }: Profile, signed: ProfileText): boolean {
  return displayName === (signed.displayName || handle) && bio === signed.bio && (avatar ?? "") === signed.avatar;
}

const fits = (handle: string, shown: ProfileText): boolean =>
  new TextEncoder().encode(composeProfileMessage(" ".repeat(42), handle, shown, 9_999_999_999_999)).length <= MAX_PROFILE_BYTES;

const HIDDEN: StatusWords = { sentence: "Signed and kept, and yet the gateway shows something else: its operator may have hidden this profile.", next: null };

/** Asks before something that cannot simply be taken back; false where the visitor leaves. */
export type AskFirst = (ask: { title: string; words: string; yes: string }) => Promise<boolean>;

/** Makes "Edit" and "Give back the handle" of the template work. */
export function mountOwnProfile(root: ParentNode, account: Account, handle: string, askFirst: AskFirst): OwnProfile {
  const edit = part(root, "edit", HTMLButtonElement);
  const place = part(root, "edit-form");
  const giveBack = part(root, "give-back", HTMLButtonElement);
  const name = lineField("profile-name", "Name", LONGEST_NAME, el("input", { type: "text" }));
  const words = lineField("profile-words", "Words about you", LONGEST_BIO, el("textarea", { rows: 3 }));
  const image = pictureField(handle);
  const save = el("button", { type: "submit", class: "btn primary" }, "Save");
  const title = el("h2", { id: "edit-title" }, "Edit your profile");
  const form = el(
    "form",
    { class: "card edit", novalidate: true, "aria-labelledby": title.id },
    title,
    image.field,
    name.field,
    words.field,
    el("p", { class: "quiet" }, "All of it is public, and what was signed before stays in the log."),
    el("div", { class: "row" }, save, button("Cancel", "btn", close)),
  );
  let owner = false;
  let editing = false;

  const show = (): void => {
    place.hidden = !editing || !owner;
    setAttribute(edit, "aria-expanded", String(editing));
  };
  function open(): void {
    const { profile } = account.state();
    if (profile?.isMine !== true) return;
    if (!editing) {
      name.write(profile.displayName === handle ? "" : profile.displayName);
      words.write(profile.bio);
      image.write(profile.avatar ?? "");
    }
    editing = true;
    show();
    part(form, "first").focus();
  }
  function close(): void {
    editing = false;
    show();
    edit.focus();
  }

  /** Reads the profile again, and says what a status comes to. */
  async function readBack(status: string, op: "profile" | "release"): Promise<StatusWords> {
    await account.lookUp(handle);
    return handleWords(status, op, handle, account.state().key.until);
  }
  function change(): void {
    const [displayName, bio] = [name.read(), words.read()];
    if (displayName === null || bio === null) return;
    const signed = { displayName, bio, avatar: image.read() };
    // One of ours is always short enough; another client may have taken all the room.
    if (signed.avatar.length > longestPicture() && !fits(handle, signed)) return image.complain("This picture leaves no room for these words. Choose it anew, or remove it.");
    void account.sign(
      `Change the profile of @${handle}`,
      (address) => ({
        ...aboutHandle("handles/profile", address, handle, (ts) => composeProfileMessage(address, handle, signed, ts)),
        about: `handles/profile ${address} ${handle} ${JSON.stringify(signed)}`,
      }),
      async (status) => {
        const said = await readBack(status, "profile");
        if (status !== "SUCCESS" && status !== "ALREADY_DONE") return said;
        close();
        const { profile, profileProblem } = account.state();
        return profile !== null && profileProblem === null && !shows(profile, signed) ? HIDDEN : said;
      },
    );
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (save.getAttribute("aria-disabled") !== "true") change();
  });

  async function release(): Promise<void> {
    const sure = await askFirst({
      title: `Give back @${handle}?`,
      words: "Its name, words and picture go. Who follows it now goes on following it until they unfollow, and while anybody does, nobody but you can claim it again; nor before 30 days have passed. What was signed stays in the log.",
      yes: "Give it back",
    });
    if (!sure) return;
    await account.sign(
      `Give back @${handle}`,
      (address) => aboutHandle("handles/release", address, handle, (ts) => composeHandleMessage("release", address, handle, ts)),
      (status) => readBack(status, "release"),
    );
  }

  name.field.querySelector("input")?.setAttribute("data-part", "first");
  edit.addEventListener("click", open);
  place.append(form);
  giveBack.addEventListener("click", () => {
    if (giveBack.getAttribute("aria-disabled") !== "true") void account.attempt(`Give back @${handle}`, release);
  });
  return {
    correct: open,
    render({ profile, busy }) {
      owner = profile?.isMine === true;
      const acts = String(busy !== null && busy !== "loading");
      for (const each of [save, giveBack]) setAttribute(each, "aria-disabled", acts);
      for (const each of root.querySelectorAll<HTMLElement>(".own")) each.hidden = !owner;
      show();
    },
  };
}
