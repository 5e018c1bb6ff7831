// "Edit and send": three texts that anybody may spoil. What the browser finds stands below each before it is sent, and the
// gateway's word after. Nothing is signed again but by its button.

import type { Lesson, Outcome } from "../lesson/lesson.ts";
import type { Field, Request } from "../lesson/requests.ts";
import type { Finding, Verdict } from "../lesson/verdict.ts";
import { verdictOn } from "../lesson/verdict.ts";
import { checksummed } from "../proofs/ethereum.ts";
import { shortAddress } from "../text/format.ts";
import { el, find, part, setText } from "../ui/dom.ts";

type Edited = "message" | "signature" | "signingKey";
const EDITED: readonly Edited[] = ["message", "signature", "signingKey"];

/** Beside which text the gateway's word belongs; the rest is about the request as a whole. */
const AT: Readonly<Record<string, Edited>> = {
  INVALID_MESSAGE: "message",
  MESSAGE_EXPIRED: "message",
  INVALID_SIGNING_KEY: "signingKey",
  EXPIRED_SIGNING_KEY: "signingKey",
  INVALID_SIGNATURE: "signature",
};

interface Deps {
  lesson: Lesson;
  /** By the gateway's clock, in milliseconds. */
  now(): number;
  handle(): string;
  /** Sends, and shows what came of it. */
  send(request: Request): Promise<Outcome | null>;
}

interface Edit {
  /** Puts a request into the fields. */
  take(request: Request): void;
}

export function mountEdit(root: HTMLElement, { lesson, now, handle, send }: Deps): Edit {
  const areas = Object.fromEntries(EDITED.map((name) => [name, find(root, `#edit-${name}`, HTMLTextAreaElement)])) as Record<Edited, HTMLTextAreaElement>;
  const verdicts = Object.fromEntries(EDITED.map((name) => [name, find(root, `#verdict-${name}`, HTMLElement)])) as Record<Edited, HTMLElement>;
  /** What the texts are sent with. */
  let draft: Request | null = null;
  let signedText: string | null = null;
  let looked = 0;

  const isEmpty = (): boolean => EDITED.every((name) => areas[name].value === "");
  const say = (words: string): void => setText(part(root, "said"), words);

  const edited = (base: Request): Request => {
    const fields = { ...base.fields, message: areas.message.value, signature: areas.signature.value as `0x${string}`, signingKey: areas.signingKey.value };
    const fault = faultIn(base, fields);
    return { op: base.op, fields, fault };
  };

  const draw = (verdict: Verdict): void => {
    for (const name of EDITED) {
      const { good, words }: Finding = verdict[name];
      setText(part(verdicts[name], "before"), words);
      verdicts[name].dataset["good"] = String(good);
      areas[name].setAttribute("aria-invalid", String(!good));
    }
  };

  async function look(): Promise<Verdict | null> {
    if (draft === null) return null;
    const mine = ++looked;
    const request = edited(draft);
    const { address, signingKey } = request.fields;
    const verdict = await verdictOn(request, { now: now(), keyIs: lesson.keyIs(address, signingKey), signedText, checksum: checksummed });
    if (mine === looked) draw(verdict);
    return verdict;
  }

  const forget = (): void => {
    for (const name of EDITED) setText(part(verdicts[name], "after"), "");
  };

  function take(request: Request, words = ""): void {
    draft = request;
    signedText = request.fault?.field === "message" || request.fault === null ? request.fields.message : signedText;
    for (const name of EDITED) areas[name].value = request.fields[name];
    const { op, fields } = request;
    const who = el("span", { class: "mono" }, shortAddress(fields.address));
    part(root, "sent-as").replaceChildren(`Sent as ${op}, for `, who, ` and @${fields.handle}. Nothing is signed again unless you say so.`);
    forget();
    say(words);
    void look();
  }

  /** A request to edit; whatever is in the fields by then stays. */
  async function begun(): Promise<Request> {
    if (draft !== null) return draft;
    const request = await lesson.fresh(handle());
    if (isEmpty()) take(request);
    return (draft ??= request);
  }

  const tried = (work: () => Promise<void>): void => void work().catch(() => say("This browser cannot sign here. Reload the page, then try again."));

  for (const name of EDITED) {
    areas[name].addEventListener("input", () => {
      forget();
      say("");
      void look();
    });
  }
  const entered = (target: EventTarget | null): void => {
    if (target instanceof HTMLTextAreaElement && root.contains(target) && draft === null) tried(async () => void (await begun()));
  };
  root.addEventListener("focusin", ({ target }) => entered(target));
  entered(document.activeElement); // what has the focus may be why this was loaded
  part(root, "sign").addEventListener("click", () => tried(async () => {
    const { fields } = await begun();
    const text = areas.message.value;
    const { signature, signingKey } = await lesson.sign(fields.address, text);
    [areas.signature.value, areas.signingKey.value, signedText] = [signature, signingKey, text];
    forget();
    say("Signed again: exactly the text above.");
    await look();
  }));
  part(root, "fresh").addEventListener("click", () => tried(async () => take(await lesson.fresh(handle()), "A new message, signed just now.")));
  part(root, "send").addEventListener("click", () => tried(async () => {
    const base = await begun();
    await look();
    const outcome = await send(edited(base));
    if (outcome === null || !("answer" in outcome)) return;
    const { status } = outcome.answer;
    forget();
    const at = AT[status];
    if (at !== undefined) setText(part(verdicts[at], "after"), `Gateway: ${status}`);
    say(`The gateway answered ${status}.`);
    await look();
  }));
  return { take };
}

/** Where an edited text differs from what it was, as the mark of the exchange; null: it does not. */
function faultIn(base: Request, fields: Request["fields"]): Request["fault"] {
  const field = EDITED.find((name: Field) => fields[name] !== base.fields[name]) ?? null;
  if (field === null) return base.fault;
  const [was, is] = [base.fields[field], fields[field]];
  let from = 0;
  while (from < is.length && from < was.length && was[from] === is[from]) from++;
  let tail = 0;
  while (tail < is.length - from && tail < was.length - from && was.at(-1 - tail) === is.at(-1 - tail)) tail++;
  const gone = was.slice(from, was.length - tail);
  const to = is.length - tail;
  const short = gone.length > 0 && gone.length <= 24;
  const note = gone === "" ? "added by hand" : !short ? "edited by hand" : to === from ? `taken out: ${gone}` : `edited · was ${gone}`;
  return { field, from, to: Math.max(to, Math.min(from + 1, is.length)), note };
}
