// SUCCESS: the follow is in the log, and on the disk.

const device = await newDevice();
await authorise(device);
console.log(await follow(await signed("follow", device)));
console.log("and back", await unfollow(await signed("unfollow", device)));
