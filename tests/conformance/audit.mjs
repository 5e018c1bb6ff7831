// Runs the audit suite of "GraphQL over HTTP" against the endpoint named first, and prints its results as JSON.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
const rows = results.map(({ id, name, status, reason }) => ({ id, name, status, reason: reason ?? null }));
console.log(JSON.stringify(rows));
