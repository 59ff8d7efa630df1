"""The lists of the desk that people keep by name, for scripts; what waits is listed by `cases desk`."""
