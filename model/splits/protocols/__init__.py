"""The protocols that reelgraph brings, one per module."""
