// INVALID_ADDRESS: the case of its letters is a checksum (EIP-55), and all are flipped.
// Send it as the wallet spells it, or all in lower case.

const flip = (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase());
const address = `0x${Array.from(wallet.address.slice(2), flip).join("")}`;

const device = await newDevice();
await authorise(device);
console.log(await follow(await signed("follow", device, { address })));
