"""What protects people: encryption, blind indexes, the audit chain, roles, masking, logs, and the way out.

Every outbound connection and every sealed field passes here. No setting weakens it: it never connects to an address
that was not judged, never logs what identifies a report, and never grants what a role does not name.
"""
