"""Verbs about people: who may see locations until when, and what a leaver could know. It never signs in."""
