// Puts the window behind another one and to the front again, as with a double click, and presses at once.
() => {
  for (const [front, event] of [[false, "blur"], [true, "focus"]]) {
    document.hasFocus = () => front;
    window.dispatchEvent(new Event(event));
  }
  document.querySelector('[data-part="follow"]').click();
};
