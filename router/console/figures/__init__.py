"""The page of the figures, and its words. It never counts, and shows no number that is hidden."""
