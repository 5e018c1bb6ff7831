// INVALID_ADDRESS: the case of its letters is a checksum (EIP-55); all are flipped.
// Send it as the wallet spells it, or all in lower case.

const flip = (c) => (c < "a" ? c.toLowerCase() : c.toUpperCase());
const address = `0x${Array.from(wallet.address.slice(2), flip).join("")}`;

const device = await newDevice();
await authorise(device);
console.log(await follow(await signed("follow", device, { address })));
