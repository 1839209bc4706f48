"""What the rules stand on: the release as files and graphs, its shapes, and how findings leave."""
