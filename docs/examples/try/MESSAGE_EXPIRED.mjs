// MESSAGE_EXPIRED: its time is an hour ago. Sign again, with the answer's time.

const device = await newDevice();
await authorise(device);
const anHourAgo = Date.now() - 3_600_000;
const late = await follow(await signed("follow", device, { ts: anHourAgo }));
console.log("an hour ago", late);

let ts = late.tsInServer;
console.log("signed again", await follow(await signed("follow", device, { ts })));
ts += 1;
console.log("and back", await unfollow(await signed("unfollow", device, { ts })));
