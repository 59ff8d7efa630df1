"""The trail of a case for a magistrate: asked for by one person, made when another confirms it, carried by people.

Nothing here sends it anywhere.
"""
