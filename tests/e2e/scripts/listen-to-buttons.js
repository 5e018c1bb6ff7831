() => {
  window.heard = [];
  window.addEventListener("message", ({ data }) => window.heard.push(data));
  document.addEventListener("follow-button", ({ detail }) => window.heard.push(detail));
};
