// The entry of the page of proofs: one that the site found by its digest, or whatever the visitor brings.

import type { Bootstrap } from "./api/types.ts";
import { checkGiven } from "./note/given.ts";
import type { OperationWords } from "./note/words.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { awake } from "./ui/awake.ts";
import { copyFrom, find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

interface ProofsBootstrap extends Bootstrap {
  operationWords: OperationWords;
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as ProofsBootstrap;
mountAccount(document, openAccount(bootstrap).account);

const region = find(document, "#result", HTMLElement);
const note = find(document, "#note", HTMLElement);
let looking: Promise<void> = Promise.resolve();
/** One after the other, so that what is shown is of what was given last. */
function look(given: string | Blob): Promise<void> {
  return (looking = looking.catch(() => undefined).then(() => checkGiven(given, region, note, () => performance.now(), bootstrap.operationWords)));
}

const { line } = document.body.dataset;
// On a proof's own page its stamp says that it is valid; what is not is said on top as well.
if (line !== undefined) void look(line).then(() => region.classList.toggle("unseen", note.dataset["verdict"] === "valid"));
const copy = note.querySelector<HTMLButtonElement>("[data-part=link]");
copy?.addEventListener("click", () => void copyFrom(copy, location.href));

const form = document.querySelector<HTMLFormElement>("#given");
if (form !== null) {
  const text = find(form, "#proof", HTMLTextAreaElement);
  const file = find(form, "#file", HTMLInputElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void look(text.value);
  });
  find(form, "[type=submit]", HTMLButtonElement).disabled = false;
  text.addEventListener("paste", () => setTimeout(() => void look(text.value)));
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (chosen !== undefined) void look(chosen);
  });
  for (const type of ["dragover", "dragleave", "drop"] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      form.toggleAttribute("data-dropping", type === "dragover");
      const dropped = event.dataTransfer;
      if (type !== "drop" || dropped === null) return;
      const [brought] = dropped.files;
      if (brought !== undefined) void look(brought);
      else if (dropped.getData("text/plain") !== "") void look((text.value = dropped.getData("text/plain")));
    });
  }
}
