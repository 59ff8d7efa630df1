"""The verbs by which partners are reminded of what is still there. They never reach a partner: people do."""
