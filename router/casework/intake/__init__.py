"""A report on its way in: read, judged field by field, joined to open cases, durable before anybody is told so.

Reports come from sources (`take`, `ndjson`) and from peers (`peer_inbox`). No answer reveals whether a URL was known.
"""
