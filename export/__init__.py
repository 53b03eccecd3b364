"""The export: a loaded graph as the files of a data set."""
