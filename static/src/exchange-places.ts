// Where exchanges are found outside of the page. Apart from what reads them, which is loaded only where there is something.

/** In this tab's storage. */
export const KEPT = "countersign.inspector";
/** At the beginning of a link's fragment. */
export const LINK = "#exchange=";
