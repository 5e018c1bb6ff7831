(least) => {
  const within = [...document.querySelectorAll("dialog[open], [role=dialog]")].at(-1) ?? document;
  const inSentence = (link) => link.matches("a") && getComputedStyle(link).display === "inline";
  const small = [];
  const place = [scrollX, scrollY];
  const pressed = "a[href], button, input, select, textarea, summary, [role=option]";
  for (const target of within.querySelectorAll(pressed)) {
    if (inSentence(target) || target.closest(".CodeMirror")) continue;
    if (!target.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    target.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = target.getBoundingClientRect();
    const [middle, centre] = [x + width / 2, y + height / 2];
    const own = (dx, dy) => {
      const found = document.elementFromPoint(middle + dx, centre + dy);
      return target.contains(found) || found?.closest(".menu") != null; // an open menu lies over it for now
    };
    const reaches = (far) => own(far, 0) && own(-far, 0) && own(0, far) && own(0, -far);
    // Browsers find by whole pixels: the very edge is asked only where something reaches beyond the box.
    const large = Math.min(width, height) >= least - 0.5;
    if (own(0, 0) && !reaches(least / 2 - (large ? 1 : 0.5))) {
      small.push(`${Math.round(width)} x ${Math.round(height)}: ${target.outerHTML.slice(0, 120)}`);
    }
  }
  scrollTo(...place);
  return small;
}
