// INVALID_SIGNATURE: one bit of it was changed on the way.

const device = await newDevice();
await authorise(device);
const request = await signed("follow", device);
const last = Number.parseInt(request.signature.slice(-1), 16) ^ 1;
const signature = request.signature.slice(0, -1) + last.toString(16);
console.log(await follow({ ...request, signature }));
