// The strip beside the act: a group for each act, newest first, headed by what it was and how it ended; its steps inside in
// the order they happened; a step opens to its exact bytes.

import type { Attempt } from "../api/types.ts";
import type { Group } from "../record/groups.ts";
import { endingOf, groupMs, legMs, withEnding, withStep } from "../record/groups.ts";
import type { Recorder, Step } from "../state/types.ts";
import { duration, exactTime, relativeTime, shortAddress, timeOfDay } from "../text/format.ts";
import { button, copyFrom, el, icon, part, setAttribute, setText } from "../ui/dom.ts";

type Sharing = typeof import("../record/sharing.ts");

/** A step's blocks of bytes. What shows them is loaded for the first step that opens. */
function bytesOf(step: Step): HTMLElement {
  const place = el("div", { class: "blocks" });
  import("./blocks.ts").then(
    ({ blocksOf }) => place.replaceChildren(...blocksOf(step)),
    () => setText(place, "The bytes cannot be shown without a connection. Reload the page, then open this again."),
  );
  return place;
}

/** What the page is at now: its account, and who is waited for. */
interface Present {
  address: string | null;
  waitingFor: string | null;
}

interface Inspector extends Recorder {
  now(present: Present): void;
  /** Takes every exchange away, also those that this tab kept. */
  forget(): void;
  /** A button that links to the exchange of this trace, which is in the strip. */
  permalink(trace: string): HTMLButtonElement;
  /** Shows what an earlier load of this page kept, and the exchange of the address's fragment; says so where that is damaged. */
  restore(): Promise<void>;
}

interface InspectorDeps {
  /** Where copied code sends a request to the gateway, if not where the site did. */
  graphqlUrl: string | undefined;
  /** In milliseconds. */
  now(): number;
  /** Shows the newest exchange in full, for a room that looks on: each of its steps opens as it comes. */
  inFull: boolean;
  /** This tab's; may throw, as reading it does where the visitor blocks it. */
  storage(): Storage;
}

interface View {
  readonly node: HTMLLIElement;
  update(group: Group, present: Present): void;
  open(): void;
  /** Closes it, unless someone reads in it. */
  fold(): void;
}

/** A title whose status names are set like what they are: bytes on the wire. */
function titled(title: string): (Node | string)[] {
  return title.split(/(\b[A-Z][A-Z_]{4,}\b)/).map((piece, i) => (i % 2 === 1 ? el("code", {}, piece) : piece));
}

/** A short address is set like all addresses. */
function withAddress(words: string): (Node | string)[] {
  return words.split(/(0x\w+…\w+)/).map((piece, i) => (i % 2 === 1 ? el("span", { class: "mono" }, piece) : piece));
}

/** The last step that came with a request. */
function lastSent(steps: readonly Step[]): Step | undefined {
  return [...steps].reverse().find(({ exchange }) => exchange !== undefined);
}

/** A heading that opens and closes `body`. `fill` gives what is inside, each time it opens. */
function fold(level: "h3" | "h4", body: HTMLElement, inside: readonly Node[], fill: (() => Node[]) | null): { heading: HTMLElement; set(open: boolean): void } {
  const head = el("button", { type: "button", class: "head", "aria-expanded": "false", "aria-controls": body.id }, ...inside);
  const set = (open: boolean): void => {
    if (fill !== null) body.replaceChildren(...(open ? fill() : []));
    body.hidden = !open;
    setAttribute(head, "aria-expanded", String(open));
  };
  head.addEventListener("click", () => set(body.hidden !== false));
  return { heading: el(level, {}, head), set };
}

export function mountInspector(root: HTMLElement, deps: InspectorDeps): Inspector {
  const list = part(root, "groups");
  const linked = part(root, "linked");
  const clear = part(root, "clear", HTMLButtonElement);
  const views = new Map<string, View>();
  let groups: readonly Group[] = [];
  let present: Present = { address: null, waitingFor: null };

  let sharing: Sharing | null = null;
  const load = async (): Promise<Sharing> => (sharing ??= await import("../record/sharing.ts"));

  /** What an earlier load kept is here: only now may anything be written in its place. */
  let restored = false;
  const keep = (): void => {
    if (!restored || sharing === null) return;
    const kept = sharing.keep(deps.storage, groups); // nothing, too: what was cleared is gone
    part(root, "foot").hidden = !kept || groups.length === 0;
  };

  /** A button that needs `sharing`; what is loaded already is used at once, since browsers copy only on a fresh click. */
  const sharer = (words: string, act: (made: HTMLButtonElement, sharing: Sharing) => unknown): HTMLButtonElement => {
    const made = button(words, "btn small", () => {
      if (sharing !== null) act(made, sharing);
      else load().then((loaded) => act(made, loaded), () => setText(made, "Not loaded"));
    });
    return made;
  };

  const copiers = (attempt: Attempt, failed: boolean): HTMLButtonElement[] => {
    const url = failed ? undefined : deps.graphqlUrl;
    return [
      sharer("Copy as curl", (made, { asCurl }) => copyFrom(made, asCurl(attempt, url))),
      sharer("Copy as Python", (made, { asPython }) => copyFrom(made, asPython(attempt, url))),
      sharer("Copy as JavaScript", (made, { asJavaScript }) => copyFrom(made, asJavaScript(attempt, url))),
    ];
  };

  const permalink = (id: string): HTMLButtonElement =>
    sharer("Permalink", async (made, { toFragment }) => {
      const group = groups.find((each) => each.id === id);
      const fragment = group === undefined ? null : await toFragment(group);
      if (fragment === null) return setText(made, "Too long for a link");
      history.replaceState(null, "", fragment);
      return copyFrom(made, location.href);
    });

  const download = (id: string): HTMLButtonElement =>
    sharer("Download", (_, { documentOf }) => {
      const group = groups.find((each) => each.id === id);
      if (group === undefined) return;
      const json = `${JSON.stringify(documentOf(group), null, 2)}\n`;
      const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
      el("a", { href: url, download: `countersign-exchange-${group.steps[0]?.at ?? 0}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1_000);
    });

  const rowOf = (step: Step, fresh: boolean, copiersOf: (step: Step) => Node[]): { node: HTMLLIElement; set(open: boolean): void } => {
    const took = legMs(step);
    const body = el("div", { class: "open", id: `step-${step.id}`, hidden: true });
    const details = (): Node[] => [
      bytesOf(step),
      el(
        "p",
        { class: "quiet" },
        took === null ? "" : `Took ${duration(took)}. `,
        el("time", { datetime: new Date(step.at).toISOString(), title: exactTime(step.at) }, `${timeOfDay(step.at)}, ${relativeTime(step.at, deps.now())}`),
      ),
      ...copiersOf(step),
    ];
    const { heading, set } = fold(
      "h4",
      body,
      [
        el("span", { class: `by ${step.actor}` }, step.actor),
        el("span", { class: "title" }, ...titled(step.title)),
        el("span", { class: "took" }, took === null ? "" : duration(took)),
      ],
      details,
    );
    return { node: el("li", { class: `leg ${step.kind === "failure" ? "failed" : ""} ${fresh ? "fresh" : ""}`, "data-kind": step.kind }, heading, body), set };
  };

  /** What can be done with the whole group; copied code is the last request's. */
  const toolsOf = ({ id, steps, from }: Group): Node[] => {
    const last = lastSent(steps);
    const attempt = last?.exchange;
    const failed = last?.kind === "failure";
    const notes: string[] = [];
    if (attempt !== undefined && failed) notes.push("Without this browser's session the site refuses a copied request.");
    if (attempt !== undefined && from === "link") notes.push(`Copied code sends to ${new URL(failed ? attempt.request.url : (deps.graphqlUrl ?? attempt.request.url)).host}.`);
    return [
      ...(attempt === undefined ? [] : copiers(attempt, failed)),
      permalink(id),
      download(id),
      ...notes.map((words) => el("p", { class: "quiet" }, words)),
    ];
  };

  /** Scrolls the strip, never the page, to the newest step, unless someone is busy in it. */
  const intoView = (legs: HTMLElement): void => {
    const over = (legs.lastElementChild ?? legs).getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
    if (over > 0 && !list.contains(document.activeElement)) list.scrollTop += over;
  };

  const viewOf = (first: Group): View => {
    const ending = el("span", {});
    const took = el("span", { class: "took" });
    const about = el("small", {});
    const legs = el("ol", { class: "legs" });
    const tools = el("div", { class: "tools" });
    const body = el("div", { id: `group-${first.id}`, hidden: true }, legs, tools);
    const { heading, set } = fold("h3", body, [el("span", { class: "title" }, first.name, ending), took, icon("chevron"), about], null);
    const node = el("li", { class: "group", "data-from": first.from }, heading, body);
    let shown = 0;
    let last: Step | undefined;
    /** A step brings its own copies where its request is not the one of the group's. */
    const copiersOf = ({ exchange, kind }: Step): Node[] => {
      const same = exchange === undefined || exchange.request.body === last?.exchange?.request.body;
      return same ? [] : [el("div", { class: "tools" }, ...copiers(exchange, kind === "failure"))];
    };
    const rows: ((open: boolean) => void)[] = [];
    /** The row of the text that the wallet is asked about: open while it is asked, folded by what comes next. */
    let asked: ((open: boolean) => void) | null = null;

    const update = (group: Group, { address, waitingFor }: Present): void => {
      const live = group.from === "here";
      for (const step of group.steps.slice(shown)) {
        asked?.(false);
        const row = rowOf(step, live, copiersOf);
        legs.append(row.node);
        rows.push(row.set);
        if (deps.inFull) {
          row.set(live);
          continue;
        }
        asked = live && step.kind === "challenge" ? row.set : null;
        asked?.(true);
      }
      if (group.steps.length > shown) {
        last = lastSent(group.steps);
        tools.replaceChildren(...toolsOf(group));
        if (live && !deps.inFull) intoView(legs); // a room reads from the beginning
      }
      shown = group.steps.length;
      if (group.outcome !== null) asked?.(false);
      const words = endingOf(group, waitingFor);
      ending.className = `ending ${group.outcome?.tone ?? "quiet"}`;
      if (ending.dataset["words"] !== words) {
        ending.dataset["words"] = words;
        ending.replaceChildren(...(words === "" ? [] : [" · ", ...titled(words)]));
      }
      setText(took, group.outcome === null && live ? "" : duration(groupMs(group)));
      const at = group.steps[0]?.at ?? 0;
      const another = group.account !== null && group.account.toLowerCase() !== address?.toLowerCase();
      const facts = [
        group.from === "link" && "came by a link, not sent from here",
        group.account !== null && `${another && group.from !== "link" ? "another account, " : ""}${shortAddress(group.account)}`,
        new Date(at).toDateString() === new Date(deps.now()).toDateString() ? timeOfDay(at) : exactTime(at),
        `${shown} ${shown === 1 ? "step" : "steps"}`,
      ];
      const said = facts.filter((fact) => fact !== false).join(" · ");
      if (about.textContent !== said) about.replaceChildren(...withAddress(said));
    };
    if (first.from !== "kept") set(true);
    return {
      node,
      update,
      open() {
        set(true);
        if (deps.inFull) for (const row of rows) row(true);
      },
      fold() {
        if (deps.inFull) for (const row of rows) row(false);
        if (!legs.querySelector("[aria-expanded=true]") && !node.contains(document.activeElement)) set(false);
      },
    };
  };

  const render = (): void => {
    for (const [id, { node }] of views) {
      if (groups.some((group) => group.id === id)) continue;
      node.remove();
      views.delete(id);
    }
    let before: HTMLLIElement | null = null;
    for (const group of groups) {
      let view = views.get(group.id);
      if (view === undefined) {
        if (group.from !== "kept") {
          for (const other of views.values()) other.fold();
          list.scrollTop = 0;
        }
        view = viewOf(group);
        views.set(group.id, view);
      }
      const place: Element | null = before === null ? list.firstElementChild : before.nextElementSibling;
      if (place !== view.node) list.insertBefore(view.node, place);
      view.update(group, present);
      before = view.node;
    }
    const none = groups.length === 0;
    part(root, "empty").hidden = !none;
    list.hidden = clear.hidden = part(root, "order").hidden = none;
    if (none) part(root, "foot").hidden = true;
  };

  const show = (next: readonly Group[]): void => {
    groups = next;
    render();
  };

  /** Whether the fragment may be a link, as `permalink.ts` knows for sure: no other of this page has a value. */
  const isLink = (): boolean => location.hash.includes("=");

  /** Takes what a link brought off the page and out of its address. */
  const dropLink = (): void => {
    if (isLink()) history.replaceState(null, "", location.pathname + location.search);
    linked.hidden = true;
    show(groups.filter(({ from }) => from !== "link"));
  };

  const notice = (words: string): void => {
    const close = button("Close it", "btn small", () => {
      dropLink();
      part(root, "title").focus();
    });
    linked.replaceChildren(el("p", {}, words), close);
    linked.hidden = false;
  };

  async function reopen(): Promise<void> {
    const { hash } = location;
    if (!isLink()) return;
    show(groups.filter(({ from }) => from !== "link"));
    try {
      const { documentOf, fromFragment } = await load();
      const found = await fromFragment(hash);
      if (found === null) return;
      const text = JSON.stringify(documentOf(found));
      const own = groups.find((group) => group.from !== "link" && JSON.stringify(documentOf(group)) === text);
      // The link is to what this tab did itself, as after "Permalink" and a reload.
      if (own !== undefined) return views.get(own.id)?.open();
      notice("This exchange came with the link. It is shown as the link tells it; nothing was sent or checked here.");
      show([found, ...groups]);
    } catch (error) {
      if (sharing === null) return notice("The link's exchange cannot be shown without a connection. Reload the page.");
      notice(!(error instanceof sharing.CannotUnpack) ? "The link's exchange is damaged, so there is nothing to show." : "This browser is too old to unpack the link's exchange.");
    }
  }

  clear.addEventListener("click", () => {
    dropLink();
    show(groups.filter(({ outcome, from }) => outcome === null && from === "here"));
    keep();
    part(root, "title").focus();
  });
  window.addEventListener("hashchange", () => void reopen());
  window.addEventListener("pagehide", keep);

  return {
    forget() {
      dropLink();
      show([]);
      keep();
    },
    permalink,
    step(step) {
      show(withStep(groups, step, present.address));
      load().then(keep, () => undefined);
    },
    ended(ending) {
      show(withEnding(groups, ending, present.address));
      keep();
    },
    now(next) {
      if (next.address === present.address && next.waitingFor === present.waitingFor) return;
      present = next;
      render();
    },
    async restore() {
      try {
        if (deps.storage().length > 0) {
          const { kept } = await load();
          show([...groups, ...kept(deps.storage)]);
        }
      } catch {
        // Blocked, or the script cannot be had: there is nothing to bring back.
      }
      restored = true;
      keep();
      if (deps.inFull) views.get(groups[0]?.id ?? "")?.open();
      await reopen();
    },
  };
}
