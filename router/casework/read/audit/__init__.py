"""How the audit stands, who revealed what, and why the policy decided so, read for people.

It changes no entry, and ranks nobody.
"""
