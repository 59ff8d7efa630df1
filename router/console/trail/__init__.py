"""The trail of a case for a magistrate: asked for, confirmed and taken on a page, and as the court reads it.

It decides nothing: that is `casework/govern/trail`.
"""
