// A stand-in for what the original SDK looks for on a page. An origin that is nobody's may keep nothing, so that its keys live in memory.

const kept = new Map<string, string>();

Object.assign(globalThis, {
  ["window"]: globalThis,
  localStorage: {
    getItem: (name: string): string | null => kept.get(name) ?? null,
    setItem: (name: string, value: string): void => void kept.set(name, value),
  },
});
