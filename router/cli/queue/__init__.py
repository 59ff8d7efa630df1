"""The lists of the desk that people keep by name, for scripts; they decide nothing of what stands on them."""
