// ALREADY_DONE: all is well signed, and the state was so before. Nothing is to be done.

const device = await newDevice();
await authorise(device);
console.log("nobody was followed", await unfollow(await signed("unfollow", device)));
