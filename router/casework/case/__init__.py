"""A case as its rows hold it: opened and sealed, placed on the desk, dated for its next look, closed.

Whatever happens to a case is written through these files. Nothing here sends, asks the policy, or knows a partner.
"""
