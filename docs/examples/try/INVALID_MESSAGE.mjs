// INVALID_MESSAGE: the message says `follow`, and is sent to `unfollow`.

const device = await newDevice();
await authorise(device);
console.log(await unfollow(await signed("follow", device)));
