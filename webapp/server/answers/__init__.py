"""What the server answers itself, without site or gateway: health, metrics, GraphiQL, and refusals."""
