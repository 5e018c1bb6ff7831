// What somebody drops, chooses or pastes: recognised, explained and checked.

import { CryptoUnavailable } from "../protocol/signing-key.ts";
import { check, explain } from "../proofs/check.ts";
import type { Form } from "../proofs/recognise.ts";
import { recognise } from "../proofs/recognise.ts";
import { ownFault, problemFor } from "../state/problems.ts";
import { el } from "../ui/dom.ts";
import { showNote } from "./note.ts";
import type { OperationWords } from "./words.ts";
import { didWords, whenWords, withShortAddresses } from "./words.ts";

const FORMS: Record<Form, string> = { proof: "A proof", chain: "All entries of one log", log: "An export of logs", reply: "A reply of the gateway" };

interface Told {
  stamp: string;
  sentence: string;
  tone: "success" | "refused" | "";
  more?: Node | null;
}

function outcome({ stamp, sentence, tone, more }: Told): HTMLElement {
  return el("div", { class: `outcome unsealed ${tone}` }, el("div", {}, el("span", { class: "stamp" }, stamp), el("p", {}, ...withShortAddresses(sentence)), more ?? null));
}

/** Checks what was given and shows what came of it, in `region` and on the note. */
export async function checkGiven(given: string | Blob, region: HTMLElement, note: HTMLElement, elapsed: () => number, words: OperationWords): Promise<void> {
  const tell = (told: Told): void => region.replaceChildren(outcome(told));
  const began = elapsed();
  const unreadable = (field: string, expected: string): void => {
    note.hidden = true;
    tell({ stamp: "Unreadable", sentence: `${field}: expected ${expected}.`, tone: "refused" });
  };
  try {
    const read = typeof given === "string" ? given : await given.arrayBuffer().then((bytes) => new Uint8Array(bytes), () => null);
    if (read === null) {
      note.hidden = true;
      return tell({ stamp: "Unreadable", sentence: "The file cannot be read. If it was changed or moved meanwhile, or is a folder, choose another.", tone: "refused" });
    }
    const found = recognise(read);
    if (found.kind === "unreadable") return unreadable(found.field, found.expected);
    if (found.kind === "message") {
      const message = await explain(found);
      if (message.kind === "unreadable") return unreadable(message.field, message.expected);
      const { said } = message;
      const { did, handle } = didWords(said, words);
      note.hidden = true;
      const way =
        said.kind === "operation"
          ? el("a", { href: `/proofs/newest?${new URLSearchParams({ address: said.address, handle: said.handle }).toString()}` }, "Find the newest proof between these two")
          : null;
      return tell({
        stamp: "A message, and no proof",
        sentence: `It says: ${said.address} ${handle === null ? did : `${did} ${handle}`}, on ${whenWords(said)}. No signature is beside it, so anybody may have written it.`,
        tone: "",
        more: way,
      });
    }
    const checked = await check(found);
    const ms = elapsed() - began;
    if (checked.verdict === "Unreadable") return unreadable(checked.fault?.field ?? "file", checked.fault?.expected ?? "proofs");
    const looked = checked.proofs.filter((each) => each !== null);
    const shown = looked.find(({ verdict }) => verdict !== "Valid") ?? looked.at(-1);
    const many = checked.proofs.length;
    const what = many === 1 ? FORMS.proof : `${FORMS[checked.form]}, ${many.toLocaleString("en")} entries`;
    const fault = checked.fault === null ? "" : `${many === 1 ? "" : ` Entry ${checked.fault.index + 1} of the file.`} ${checked.fault.field}: expected ${checked.fault.expected}.`;
    const chain = checked.question === null ? "" : ` The contract wallet at ${checked.question.address} has to be asked, on its chain, whether it accepts the signature.`;
    tell({ stamp: checked.verdict, sentence: `${what}.${fault}${chain}`, tone: checked.verdict === "Valid" ? "success" : checked.verdict === "Not valid" ? "refused" : "" });
    if (shown !== undefined) await showNote(note, shown, ms, checked.notShown, words);
  } catch (error) {
    const sentence = error instanceof CryptoUnavailable ? error.message : (problemFor(error) ?? ownFault()).sentence;
    tell({ stamp: "Not checked", sentence, tone: "" });
    if (!(error instanceof CryptoUnavailable) && problemFor(error) === null) throw error;
  }
}
