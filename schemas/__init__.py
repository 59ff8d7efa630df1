"""The words of the product, as frozen pydantic models, and the one table of states.

Every room speaks these words and no other; this package imports nothing of ours. A word that crosses a border
(HTTP, a peer, a file) has its JSON Schema under `schemas/json/`, generated and checked for drift.
"""
