// What the inspector needs only once there is something to copy, share, keep or bring back: loaded then.

export { asCurl, asJavaScript, asPython } from "./copy-as.ts";
export { keep, kept } from "./kept.ts";
export { CannotUnpack, documentOf, fromFragment, toFragment } from "./permalink.ts";
