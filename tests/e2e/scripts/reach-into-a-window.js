// What a page can read of a window of another origin: the names of the errors that it gets, and what is no secret.
() => {
  const reads = [(w) => w.document, (w) => w.location.href, (w) => w.localStorage, (w) => w.name, (w) => w.document.cookie];
  const outcome = (read) => {
    try {
      return String(read(window.opened));
    } catch ({ name }) {
      return name;
    }
  };
  return [...reads.map(outcome), window.opened.length];
};
