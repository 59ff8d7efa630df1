"""The policy, the partner directory and the sources in force, each version kept: published, imported, checked.

Every process follows the store's newest version; nothing here decides about a case.
"""
