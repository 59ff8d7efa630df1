"""What people and scripts are shown: lists, a case's file, the audit log in words.

It changes nothing but the log of who looked.
"""
