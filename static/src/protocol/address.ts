// Ethereum addresses.

export type Hex = `0x${string}`;
export type Address = Hex;

/** Whether both are there and the same, in whatever spelling. */
export function sameAddress(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}
