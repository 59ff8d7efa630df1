"""The policy's versions over the API; it decides nothing: `casework/govern/rules` does."""
