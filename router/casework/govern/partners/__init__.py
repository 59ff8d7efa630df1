"""The directory as people see and change it: how each partner stands, its entry as a form, what we give to a new one.

It judges no entry by itself, which `directory_change` does for every way in, and never shows a secret.
"""
