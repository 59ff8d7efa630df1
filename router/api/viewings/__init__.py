"""Viewing sessions over HTTP.

A session's file is given once, in the answer that begins it, and no location ever comes back in a table.
"""
