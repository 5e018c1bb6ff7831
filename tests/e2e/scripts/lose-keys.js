async (name) => {
  const wait = (request) => new Promise((ok, no) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => no(request.error);
  });
  const change = async (version, upgrade) => {
    const opening = indexedDB.open('countersign', version);
    opening.onupgradeneeded = () => upgrade(opening.result);
    (await wait(opening)).close();
  };
  const { version } = await wait(indexedDB.open('countersign')).then((db) => (db.close(), db));
  const store = 'signing-keys';
  if (name === 'no store') await change(version + 7, (db) => db.deleteObjectStore(store));
  if (name === 'another store') await change(version + 1, (db) => {
    db.deleteObjectStore(store);
    db.createObjectStore(store, { autoIncrement: true });
  });
  if (name === 'no key') {
    const db = await wait(indexedDB.open('countersign'));
    const keys = db.transaction(store, 'readwrite').objectStore(store);
    for (const address of await wait(keys.getAllKeys())) await wait(keys.put({ address, keyPair: 'gone' }));
    db.close();
  }
}
