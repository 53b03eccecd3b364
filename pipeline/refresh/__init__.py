"""New ratings in the graph: the users they are of get new lists from the active run's model.

The model is the run's saved one and is not trained again. Items that came since get a vector
from what is known of them, where the model can make one.
"""
