"""reelgraph: explained, sequence-aware recommendations that live in a Neo4j graph."""

__version__ = "0.1.0"
