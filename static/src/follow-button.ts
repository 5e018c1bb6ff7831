// The entry of `/embed/follow-button.js`, which pages of other sites load: a classic script.

import { defineFollowButton } from "./embed/element.ts";
import style from "./embed/follow-button.css";

// An element of the page could be called so, too.
const { currentScript } = document;
if (currentScript instanceof HTMLScriptElement) defineFollowButton(new URL(currentScript.src).origin, style);
