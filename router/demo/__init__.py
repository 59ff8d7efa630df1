"""The parts of the verb `demo`: the stage it sets, the instances on it, the story it plays, and the judge.

It starts this product's own processes inside the simulated world and speaks to them as staff and scripts do, over
their API. It never reads an instance's store, and never reaches beyond loopback.
"""
