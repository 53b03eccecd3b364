"""``reelgraph mcp``: the graph's recommendations and reasons as tools for assistants (MCP).

The folder is not called ``mcp``: run from the repository, it would hide the SDK of that name.
"""
