// Everything that decides how the button looks, of each element in its shadow tree; and what it left in the page.
() => {
  const styles = [...document.querySelector("follow-button").shadowRoot.querySelectorAll("*")].map((each) => {
    const computed = getComputedStyle(each);
    const own = [...computed].filter((name) => !/^(?:inset|top|right|bottom|left)/.test(name)); // not where it happens to be
    return own.map((name) => `${each.localName} ${name}: ${computed.getPropertyValue(name)}`);
  });
  const left = Object.keys(window).filter((name) => /follow|countersign|embed/i.test(name));
  return [styles.flat(), left, document.adoptedStyleSheets.length];
};
