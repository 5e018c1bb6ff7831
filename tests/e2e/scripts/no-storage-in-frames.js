if (self !== top) {
  const denied = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
  for (const name of ["indexedDB", "localStorage", "sessionStorage"]) {
    Object.defineProperty(self, name, { get: denied });
  }
}
