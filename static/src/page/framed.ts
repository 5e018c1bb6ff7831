// The page inside a frame of another site: whether people can sign in there, and the way to a tab of its own.
// It imports nothing, so that the first page is not cut into pieces for its sake.

interface FrameParts {
  /** Whether browsers let this page sign: it and all that frames it came over https or from this machine. */
  secure: boolean;
  /** Whether the session's cookie comes back. */
  keepsSession(): Promise<boolean>;
  /** Whether keys can be kept. */
  keepsKeys(): Promise<boolean>;
  /** How long a browser may take to tell: some never answer for storage that they keep from a frame. */
  patience(): Promise<void>;
}

/** What this browser refuses the page in this place; null where signing in works. */
export async function missingInFrame({ secure, keepsSession, keepsKeys, patience }: FrameParts): Promise<string | null> {
  if (!secure) return "This browser signs nothing inside a page that did not come over https.";
  if (!(await keepsSession())) return "This browser keeps no session for a page inside another site.";
  const tooLong = patience().then(() => false);
  if (!(await Promise.race([keepsKeys(), tooLong]))) return "This browser keeps no keys for a page inside another site.";
  return null;
}

interface Deps extends FrameParts {
  /** The profile on show. */
  handle(): string;
  /** For when people come back from the other tab. */
  reread(): void;
}

/** Shows the way out; where the browser leaves no other, it is the only one. */
export async function mountFramed(root: Document, deps: Deps): Promise<void> {
  const form = root.querySelector<HTMLFormElement>("#own-tab");
  const why = form?.querySelector("p");
  const handle = form?.querySelector("input");
  const open = form?.querySelector("button");
  if (!form || !why || !handle || !open) return; // no site may frame this one
  form.hidden = false;
  root.body.dataset["framed"] = "";
  form.addEventListener("submit", () => {
    handle.value = deps.handle();
    form.action = `/${root.location.hash}`;
    why.textContent = "Opened in its own tab. When you come back, this page reads everything again.";
    const back = (): void => {
      if (root.visibilityState !== "visible") return;
      root.removeEventListener("visibilitychange", back);
      deps.reread();
    };
    root.addEventListener("visibilitychange", back);
  });
  const missing = await missingInFrame(deps);
  if (missing === null) return;
  root.body.dataset["framed"] = "closed";
  why.textContent = `${missing} Open this page in its own tab to sign in and follow.`;
  open.classList.add("primary");
}
