// Announces wallets made to hurt: scripts in names and icons, a twin, a trap, nonsense.
(() => {
  const svg =
    "<svg xmlns='http://www.w3.org/2000/svg' onload='top.pwned=1'><script>top.pwned=1</script></svg>";
  // One of its own for each: the same provider twice is one wallet, whatever it calls itself.
  const provider = () => ({
    request: async () => {
      window.asked = true;
      throw new Error("no");
    },
    on() {},
  });
  const uuid = (n) => `00000000-0000-4000-8000-00000000000${n}`;
  const svgIcon = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  const infos = [
    { uuid: uuid(1), name: "<img src=x onerror=window.pwned=1>", icon: svgIcon, rdns: "a.b" },
    { uuid: uuid(1), name: "Twin", icon: "data:image/png;base64,AA==", rdns: "a.c" },
    { uuid: uuid(2), name: "Script icon", icon: "javascript:window.pwned=1", rdns: "a.d" },
    { uuid: uuid(3), name: "Tracker", icon: "https://tracker.invalid/pixel.png", rdns: "a.e" },
    { uuid: uuid(4), name: "x".repeat(20000), icon: "data:text/html,<script>top.pwned=1</script>", rdns: "a.f" },
    {
      get uuid() {
        throw new Error("trap");
      },
      name: "Trap",
      icon: "",
      rdns: "a.g",
    },
    { uuid: {}, name: {}, icon: [], rdns: 5 },
    null,
  ];
  const announced = infos.map((info) => ({ info, provider: provider() }));
  addEventListener("eip6963:requestProvider", () => {
    for (const detail of announced) dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: null }));
    dispatchEvent(new Event("eip6963:announceProvider"));
  });
})();
