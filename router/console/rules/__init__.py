"""The page on which an override becomes a rule. It decides nothing: `casework/govern/rules` drafts it."""
