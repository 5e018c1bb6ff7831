"""The social graph: people, who follows whom, what was signed and its proofs; as pages and as an API."""
