// A page that opens the window itself, asks for `asks` whenever that is ready, and lies about itself wherever it can.
([url, asks]) => {
  window.asks = asks;
  window.opened = window.open(url, "_blank", "popup,width=480,height=720");
  window.addEventListener("message", ({ source }) => {
    if (source !== window.opened) return;
    const lies = { origin: "https://bank.example", handle: window.asks, address: "0x1", confirm: true };
    for (const countersign of ["press", "confirm", "told", "ask"]) source.postMessage({ countersign, ...lies }, "*");
  });
};
