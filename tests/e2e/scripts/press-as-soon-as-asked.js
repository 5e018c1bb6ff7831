// Presses once, in the very moment that the window knows who asks; gives how many dialogs that opened.
() =>
  new Promise((done) => {
    const main = document.querySelector("main");
    const press = () => {
      if (main.dataset.asker !== "known") return;
      watch.disconnect();
      document.querySelector('[data-part="follow"]').click();
      setTimeout(() => done(document.querySelectorAll("dialog").length), 100);
    };
    const watch = new MutationObserver(press);
    watch.observe(main, { attributes: true });
    press();
  });
