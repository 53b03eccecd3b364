"""The stages after the export, each one function over a run's folder."""
