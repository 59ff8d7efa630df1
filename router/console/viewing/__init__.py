"""Viewing sessions on the console: a list taken from the desk, its file, what was seen, and how it ended.

A page of a session names cases by dossier number and never by location.
"""
