// Where a program's imports are found. A worker takes addresses only, and programs are written for Node and bundlers: they name packages.

const FILES: Readonly<Record<string, string>> = {
  "viem/accounts": "viem-accounts.js",
  "@cyberlab/cyberconnect-v2": "cyberconnect-v2.js",
};
const IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;

/** The program with the addresses of those packages below `base`, and its lines where they were. */
export function located(code: string, base: string): string {
  return code.replace(IMPORT, (whole, before: string, quote: string, name: string) => {
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    return file === undefined ? whole : `${before}${quote}${base}${file}${quote}`;
  });
}
