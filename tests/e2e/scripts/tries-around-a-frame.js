async (url) => {
  const outcome = ({ type, status }) => `${type} ${status}`;
  const ask = (path, init) =>
    fetch(url + path, { credentials: "include", ...init }).then(outcome, ({ name }) => name);
  const json = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const marked = { ...json, headers: { ...json.headers, "x-countersign-frame": "1" } };
  return [
    await ask("/api/session", {}),
    await ask("/api/session", { headers: { "x-countersign-frame": "1" } }),
    await ask("/api/logout", { method: "POST", mode: "no-cors", body: "{}" }),
    await ask("/api/login", { method: "POST", mode: "no-cors", body: "{}" }),
    await ask("/api/logout", json),
    await ask("/api/follow", marked),
  ];
}
