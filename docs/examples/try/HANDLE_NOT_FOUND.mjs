// HANDLE_NOT_FOUND: nobody has that handle. Look it up before you sign.

const device = await newDevice();
await authorise(device);
console.log(await ask('{ profileByHandle(handle: "nobody-here") { handle } }'));
const handle = "nobody-here";
console.log(await follow(await signed("follow", device, { handle })));
