"""What the graph and the logs are asked: one snapshot a request, pages, and the queries behind them."""
