// Light, dark, or what the system says. The choice is a cookie, so that the server writes it into the first HTML and
// no page flashes in the other one.

type Theme = "system" | "light" | "dark";

const after: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const YEAR_S = 31_536_000;

function current(root: HTMLElement): Theme {
  const chosen = root.dataset["theme"];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** The browser's own frame takes the paper's colour: each of the system's two, or one alone where it was chosen. */
function frame(): (theme: Theme) => void {
  const metas = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')];
  const papers = metas.map(({ media, content }) => ({ media, content }));
  return (theme) => {
    const chosen = papers.find(({ media }) => media.includes(theme));
    metas.forEach((meta, i) => (meta.content = (chosen ?? papers[i])?.content ?? ""));
  };
}

/** Makes `button` go round the three themes; its name tells which one is on. */
export function mountTheme(button: HTMLButtonElement): void {
  const root = document.documentElement;
  const tint = frame();
  const show = (): void => {
    tint(current(root));
    button.setAttribute("aria-label", `Theme: ${current(root)}`);
    button.title = `Theme: ${current(root)}. Next: ${after[current(root)]}`;
  };
  button.addEventListener("click", () => {
    const next = after[current(root)];
    if (next === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = next;
    const age = next === "system" ? 0 : YEAR_S;
    document.cookie = `theme=${next}; Path=/; Max-Age=${age}; SameSite=Lax`;
    show();
  });
  show();
}
