(action) => {
  const form = document.createElement("form");
  const frame = Object.assign(document.createElement("iframe"), { name: action });
  Object.assign(form, { action, method: "post", target: action, enctype: "text/plain" });
  document.body.append(form, frame);
  form.submit();
}
