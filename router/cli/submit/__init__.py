"""`submit`: files of reports, as NDJSON, as CSV, and in other people's columns.

It reads lines and sends them to the API; what a report may say is judged there, never here.
"""
