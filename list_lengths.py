"""How long lists of items are: in the graph, in the figures, and on the screen."""

STORED = 20
"""Recommendations and attended items per user that a run keeps, unless it is made with more."""

MOST_STORED = 100
"""As many as a run may keep per user."""

MEASURED = 10
"""Items of a list that an evaluation looks at: the cut-off of ``ndcg@10``."""

SHOWN = 10
"""Items that a command shows, or a query returns, unless more are asked for."""
