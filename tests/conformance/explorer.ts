// Runs GraphiQL's examples against the gateway that is named, as a click does: name and reply, a line each.
import { EXAMPLES } from "../../static/src/explorer/examples.ts";

const endpoint = process.argv[2] ?? "";

async function post(query: string, variables?: unknown): Promise<{ data: unknown }> {
  const reply = await fetch(endpoint, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query, variables }) });
  return (await reply.json()) as { data: unknown };
}

for (const { name, query, variables } of EXAMPLES) {
  const filled = await variables?.(async (asked) => (await post(asked)).data, Date.now);
  console.log(JSON.stringify([name, await post(query, filled)]));
}
