"""The HTTP API: one file a resource, each endpoint naming its permission.

It turns requests into words of `schemas` and calls a use-case; errors become RFC 9457 problems in one place. It never
holds a business rule, never names an engine, and never echoes a URL, host or account into an error or a log.
"""
