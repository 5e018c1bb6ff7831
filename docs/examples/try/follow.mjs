// The whole way: a wallet, a device's key it vouches for, a follow, an unfollow.
// It runs here, and in Node, too: npm install viem && node countersign-follow.mjs

const device = await newDevice();
console.log("authorise", await authorise(device));
console.log("follow", await follow(await signed("follow", device)));
console.log("read back", await look());
console.log("unfollow", await unfollow(await signed("unfollow", device)));
console.log("read back", await look());

// What the gateway tells anybody who asks.
function look() {
  return ask(`query ($me: AddressEVM!) {
    profileByHandle(handle: "shiyu") { isFollowedByMe(me: $me) followerCount }
  }`, { me: wallet.address });
}
