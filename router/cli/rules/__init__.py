"""Verbs that draft a rule from an override and look at versions; they decide nothing: the API's gates do."""
