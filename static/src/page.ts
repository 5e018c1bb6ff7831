import { find } from "./dom.ts";
import { mountTheme } from "./theme.ts";
mountTheme(find(document, "#theme", HTMLButtonElement));
