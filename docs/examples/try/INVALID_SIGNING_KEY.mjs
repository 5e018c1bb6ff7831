// INVALID_SIGNING_KEY: well signed, by a key that no wallet has authorised.

const stranger = await newDevice();
console.log(await follow(await signed("follow", stranger)));
