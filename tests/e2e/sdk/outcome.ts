/** What a call of the SDK came to: it answers nothing, or throws something with a message. */
export type Outcome = { readonly done: true } | { readonly threw: string };

export async function outcome(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return { done: true };
  } catch (thrown) {
    return { threw: (thrown as { message: string }).message };
  }
}
