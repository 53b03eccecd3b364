"""The stages from a loaded graph to explained recommendations in it.

export (makes the split) → gds → train → predict → evaluate → writeback. Each stage
reads and writes the files of :mod:`reelgraph.artifacts`; a stage whose inputs are
unchanged is skipped.
"""
