// The page of whom one follows: find, order, select, and have done in one go what is done to many.

import type { Account } from "../account/types.ts";
import { ProblemError } from "../api/api.ts";
import type { FollowingRow } from "../api/following.ts";
import type { Bulk } from "../lists/bulk.ts";
import { pauseAsked } from "../lists/bulk-pace.ts";
import type { BulkItem } from "../lists/bulk-progress.ts";
import type { ProfileSource } from "../lists/preview.ts";
import { failuresCsv, followingsCsv, followingsJson } from "../lists/writing.ts";
import { mountStatusView } from "../page/status-view.ts";
import type { Address } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import type { NextStep } from "../state/types.ts";
import { roughly, shortAddress } from "../text/format.ts";
import { find, part, setAttribute, setText } from "../ui/dom.ts";
import { mountWindowList } from "../ui/window-list.ts";
import type { mountImportCard } from "./import-card.ts";
import type { Standing } from "./line.ts";
import { makeLine } from "./line.ts";
import { mountWorkCard } from "./work-card.ts";

interface Deps {
  account: Account;
  bulk: Bulk;
  /** Whose list it is. */
  owner: Address;
  /** Whose work is not over in this browser. */
  unfinished(): readonly string[];
  source: ProfileSource;
  host: string;
  embedded: boolean;
  now(): number;
  pause(ms: number): Promise<void>;
  /** A page of the list, from the cursor on. */
  read(after: string | null): Promise<{ rows: readonly FollowingRow[]; total: number; after: string | null }>;
  /** What reads files is loaded when one is chosen. */
  importCard(): Promise<typeof mountImportCard>;
  askFirst(ask: { title: string; words: string; yes: string }): Promise<boolean>;
  /** Gives the visitor a file. */
  save(name: string, type: string, text: string): void;
}

/** As `.following .line` in `following.css` has it. */
const ROW_PX = 68;
/** The letter that was typed is to be seen before the rows that it leaves: to draw those takes longer. */
const TYPING_MS = 80;
const ANSWERED: readonly string[] = ["SUCCESS", "ALREADY_DONE"];
const count = (n: number): string => n.toLocaleString("en");
const people = (n: number): string => (n === 1 ? "1 person" : `${count(n)} people`);

type Order = "newest" | "oldest" | "handle";

/** Those that are looked for, in the order that is wanted; `rows` come newest first. */
function arranged(rows: readonly FollowingRow[], search: string, order: Order): FollowingRow[] {
  const words = search.trim().toLowerCase().replace(/^@/, "");
  const found = rows.filter(
    ({ handle, displayName, address }) => handle.startsWith(words) || displayName.toLowerCase().includes(words) || address.toLowerCase().startsWith(words),
  );
  if (order === "oldest") found.reverse();
  if (order === "handle") found.sort((one, other) => (one.handle < other.handle ? -1 : 1));
  return found;
}

/** Makes the template's page work; false where it has no list, since the gateway gives none. */
export function mountFollowing(root: Document, deps: Deps): boolean {
  const { account, bulk, owner } = deps;
  const list = find(root, "#following", HTMLElement);
  if (list.querySelector(".find") === null) return false;
  const search = find(list, "#search", HTMLInputElement);
  const order = find(list, "#order", HTMLSelectElement);
  const all = find(list, "#all", HTMLInputElement);
  const told = part(list, "told");
  const empty = part(list, "empty");
  const bar = part(list, "bulk");
  const offline = find(root, "#offline", HTMLElement);
  const selected = new Set<string>();
  const updates = new WeakMap<HTMLElement, (standing: Standing) => void>();
  let rows: FollowingRow[] = [];
  let shown: FollowingRow[] = [];
  /** Who was taken back by an earlier run than the one on the page, and stays until the list is read again. */
  const takenBack = new Set<string>();
  let newest = 0;
  let isLoading = false;
  /** Whether the list was read to its end. */
  let isWhole = false;
  /** What was typed and is not looked for yet. */
  let typing: ReturnType<typeof setTimeout> | null = null;

  const going = (): boolean => ["running", "paused"].includes(bulk.state().phase.is);
  /** What all of a run is. */
  const runs = (): BulkItem["op"] => bulk.items()[0]?.op ?? "unfollow";
  const isDone = (handle: string): boolean => ANSWERED.includes(bulk.statusOf(handle) ?? "");
  const isFollowed = (handle: string): boolean => (isDone(handle) ? runs() === "follow" : !takenBack.has(handle));
  function standing({ handle }: FollowingRow): Standing {
    const status = bulk.statusOf(handle);
    return { selected: selected.has(handle), followed: isFollowed(handle), status: status === "not-sent" ? null : status, busy: going() };
  }

  const window = mountWindowList<FollowingRow>(
    part(list, "rows"),
    ROW_PX,
    ({ handle }) => handle,
    (person, earlier) => {
      if (earlier !== null) {
        updates.get(earlier)?.(standing(person));
        return earlier;
      }
      const { handle } = person;
      const line = makeLine(
        person,
        (on) => {
          if (on) selected.add(handle);
          else selected.delete(handle);
          render();
        },
        () => void begin([{ op: standing(person).followed ? "unfollow" : "follow", handle }], false),
      );
      updates.set(line.row, line.update);
      line.update(standing(person));
      return line.row;
    },
  );

  function whyEmpty(): string {
    if (rows.length > 0) return "Nobody you follow is called so.";
    if (going() && runs() === "follow") return "Whoever you follow now comes into this list when the work is over.";
    return isLoading ? "The list is on its way." : isWhole ? "You follow nobody yet." : "The list cannot be read now.";
  }
  /** All but the rows. */
  function renderAround(): void {
    const picked = shown.filter(({ handle }) => selected.has(handle)).length;
    all.checked = shown.length > 0 && picked === shown.length;
    all.indeterminate = picked > 0 && picked < shown.length;
    setText(part(list, "all-words"), `Select all ${shown.length === rows.length ? "" : "found, "}${count(shown.length)}`);
    bar.hidden = picked === 0;
    setText(part(bar, "selected"), `${count(picked)} selected`);
    setAttribute(part(bar, "unfollow"), "aria-disabled", String(going()));
    empty.hidden = shown.length > 0;
    setText(part(empty, "why"), whyEmpty());
  }
  function render(): void {
    renderAround();
    window.refresh();
  }
  function arrange(): void {
    if (typing !== null) clearTimeout(typing);
    typing = null;
    shown = arranged(rows, search.value, order.value as Order);
    renderAround();
    window.show(shown);
  }

  /** A page of the list; where so much was read that the site asks for a pause, after that. */
  async function readOn(after: string | null, found: number, mine: number): ReturnType<Deps["read"]> {
    for (;;) {
      try {
        return await deps.read(after);
      } catch (error) {
        const ms = error instanceof ProblemError && error.slug === "too-many-requests" ? pauseAsked(error) : null;
        if (ms === null || mine !== newest) throw error;
        setText(told, `${count(found)} read. The site asks for a pause: the rest comes in ${roughly(ms)}.`);
        await deps.pause(ms);
      }
    }
  }
  /** Reads the whole list, a page after the other; what is there can be used meanwhile. */
  async function load(): Promise<void> {
    const mine = ++newest;
    isLoading = true;
    const found: FollowingRow[] = [];
    const known = new Set<string>();
    isWhole = false;
    let after: string | null = null;
    try {
      do {
        const page = await readOn(after, found.length, mine);
        if (mine !== newest) return;
        const more = page.rows.filter(({ handle }) => !known.has(handle) && known.add(handle));
        found.push(...more);
        // A list that says the same for ever has ended.
        after = more.length === 0 ? null : page.after;
        if (rows.length <= found.length || after === null) {
          rows = found.slice();
          arrange();
        }
        if (after !== null) setText(told, `${count(found.length)} of ${count(page.total)} read`);
      } while (after !== null);
      isLoading = false;
      isWhole = true;
      takenBack.clear();
      const back = rows.filter(({ followsMe }) => followsMe).length;
      setText(told, rows.length === 0 ? "" : `${count(back)} of them ${back === 1 ? "follows" : "follow"} you`);
    } catch (error) {
      if (mine !== newest) return;
      isLoading = false;
      const hindrance = found.length === 0 ? "The list cannot be read now." : `${count(found.length)} read, and the rest cannot be read now.`;
      setText(told, `${hindrance} ${error instanceof Error ? error.message : ""}`.trim());
    }
    render();
  }

  /** Long work takes the reader along to where it is told of; one press in a row does not. */
  async function begin(items: readonly BulkItem[], takesAlong = true): Promise<void> {
    if (going() || items.length === 0) return;
    for (const { op, handle } of bulk.items()) if (isDone(handle)) takenBack[op === "unfollow" ? "add" : "delete"](handle);
    if (await bulk.start(items)) for (const { handle } of items) selected.delete(handle);
    else setText(told, "Nothing new was begun: an earlier run of this account was not over.");
    render();
    if (takesAlong) find(root, "#work-title", HTMLElement).focus();
  }
  async function unfollowSelected(): Promise<void> {
    const handles = shown.filter(({ handle }) => selected.has(handle)).map(({ handle }) => handle);
    if (handles.length === 0 || going()) return;
    const yes = await deps.askFirst({
      title: `Unfollow ${people(handles.length)}?`,
      words: "Your device signs a message for each of them. You can undo it afterwards; who follows whom, and when, stays public.",
      yes: `Unfollow ${count(handles.length)}`,
    });
    if (yes) await begin(handles.map((handle) => ({ op: "unfollow", handle })));
  }
  const act = (next: NextStep): void => {
    if (next.action === "reload-page") location.reload();
    else void account.act(next);
  };
  const fileName = (ending: string): string => `following-${(account.state().address ?? "").slice(0, 8)}.${ending}`;

  const card = mountWorkCard(
    find(root, "#work", HTMLElement),
    {
      stop: () => bulk.stop(),
      resume: () => bulk.resume(),
      retry: () => bulk.retry(),
      undo: () => void begin(bulk.undo()),
      async renew() {
        await account.reload(); // the gateway's word on the key
        await account.authorise();
        if (account.state().key.state === "ready") bulk.resume();
      },
      async signIn() {
        await account.signIn();
        const { signedIn, address } = account.state();
        if (signedIn && sameAddress(address, owner)) bulk.resume();
      },
      download: () => deps.save("failures.csv", "text/csv", failuresCsv(bulk.state().failed.map(({ handle, sentence }) => ({ account: handle, reason: sentence })))),
      forget() {
        bulk.forget();
        void load();
      },
    },
    deps.now,
  );
  let chooser: ReturnType<typeof mountImportCard> | null = null;
  async function choose(file: File): Promise<void> {
    try {
      chooser ??= (await deps.importCard())(find(root, "#import", HTMLElement), {
        source: deps.source,
        host: deps.host,
        follow(handles) {
          if (going()) return false;
          void begin(handles.map((handle) => ({ op: "follow", handle })));
          return true;
        },
        save: (failures) => deps.save("not-followed.csv", "text/csv", failuresCsv(failures)),
      });
    } catch (error) {
      setText(told, `The file cannot be read now: ${error instanceof Error ? error.message : "what reads it did not load"}.`);
      return;
    }
    await chooser(file);
  }
  const status = mountStatusView(find(root, "#result", HTMLElement), act, () => account.cancel(), deps.embedded);

  search.addEventListener("input", () => {
    if (typing !== null) clearTimeout(typing);
    typing = setTimeout(arrange, TYPING_MS);
  });
  order.addEventListener("change", arrange);
  all.addEventListener("change", () => {
    const on = all.checked;
    if (typing !== null) arrange();
    for (const { handle } of shown) if (on) selected.add(handle);
      else selected.delete(handle);
    render();
  });
  part(bar, "clear").addEventListener("click", () => {
    selected.clear();
    render();
  });
  part(bar, "unfollow").addEventListener("click", () => void account.attempt("Unfollow selected", unfollowSelected));
  const file = find(list, "#file", HTMLInputElement);
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    file.value = ""; // the same file may be chosen again
    if (chosen !== undefined) void choose(chosen);
  });
  const exporter = find(list, "#export", HTMLButtonElement);
  const menu = find(list, "#export-menu", HTMLElement);
  const fold = (open: boolean): void => {
    menu.hidden = !open;
    setAttribute(exporter, "aria-expanded", String(open));
  };
  exporter.addEventListener("click", () => {
    if (isWhole) fold(menu.hidden === true);
    else setText(told, "The list has not been read to its end: a file of it would lack people.");
  });
  menu.parentElement?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    fold(false);
    exporter.focus();
  });
  const handlesOf = (): string[] => rows.map(({ handle }) => handle).filter(isFollowed);
  for (const [name, type, write] of [["csv", "text/csv", followingsCsv], ["json", "application/json", followingsJson]] as const) {
    part(menu, name).addEventListener("click", () => {
      deps.save(fileName(name), type, write(handlesOf(), deps.host));
      fold(false);
      exporter.focus();
    });
  }

  const seen = (): void => {
    const state = bulk.state();
    card({ op: runs(), owner, state, undoable: ["finished", "stopped"].includes(state.phase.is) ? bulk.undo().length : 0 });
    render();
  };
  /** How many of the run were done when the list was last read. */
  let listed = 0;
  bulk.subscribe(({ done }) => {
    seen();
    if (going()) listed = 0;
    // Whoever is new comes to the list, also after a stop; who was taken back stays until the visitor has seen it.
    if (going() || runs() !== "follow" || done === listed) return;
    listed = done;
    void load();
  });
  account.subscribe((state) => {
    status(state);
    setText(offline, state.online ? "" : "You are offline. What is under way goes on when the connection is back.");
  });
  status(account.state());
  const others = deps.unfinished().filter((address) => !sameAddress(address, owner));
  const elsewhere = find(root, "#elsewhere", HTMLElement);
  elsewhere.hidden = others.length === 0;
  setText(part(elsewhere, "words"), `${others.map(shortAddress).join(", ")} began something here that is not over. Choose that account in your wallet, and it goes on where it stands.`);
  void load();
  bulk.restore();
  seen();
  return true;
}
