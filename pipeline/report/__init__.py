"""Charts of a data set, a run and comparisons, as one page and as PNG files."""
