"""The verbs that erase what is kept long enough, and hold what is not to be. They decide nothing of a case."""
