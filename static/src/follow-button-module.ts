// The entry of `/embed/follow-button.mjs`, which modules of other sites import.

import { defineFollowButton } from "./embed/element.ts";
import style from "./embed/follow-button.css";

export const FollowButton = defineFollowButton(new URL(import.meta.url).origin, style);
