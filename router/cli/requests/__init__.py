"""The verbs of the register of what people ask about themselves. Nothing here answers anybody."""
