"""How the audit stands and who revealed what, read for people. It changes no entry, and ranks nobody."""
