"""The verbs of the command line, one file a group, each starting `app` inside its function so that `--help` stays quick.

It reads arguments, calls a use-case or the running server's API, and prints for people or as JSON. It never decides
anything about a case, and never opens the database behind a running server's back.
"""
