// A page is seen before its script runs. Until then nobody's press is taken and lost: the style sheet lets what only
// a script brings to life (`.scripted`) take none, and shows that it is coming.

/** Says that what is pressed from now on is heard. */
export const awake = (root: Document): void => root.documentElement.setAttribute("data-awake", "");
