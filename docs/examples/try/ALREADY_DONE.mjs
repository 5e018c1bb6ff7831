// ALREADY_DONE: well signed, and the state was so before. Nothing is to be done.

const device = await newDevice();
await authorise(device);
console.log("none before", await unfollow(await signed("unfollow", device)));
