"""Splits: which rows of a data set are train, valid and test, and what figures on them mean.

================  ===========================================================================
``base``          what a protocol is: how it cuts, and its rules; one object has its parameters
``protocols/``    the protocols that reelgraph brings, one per module
``lookup``        protocols by name, with checked parameters
``parameters``    the kinds of parameters
``folds``         names of folds, and the arithmetic of cuts
``rules``         what an evaluation has to know of a split
``splitting``     makes and writes splits
``time_order``    what the order of a user's rows rests on, and whether a cut by it is one in time
``fold_files``    reads files of train and test rows
================  ===========================================================================
"""
