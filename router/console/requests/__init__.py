"""The page of what people ask about themselves, and its words. It answers nobody, and keeps nothing that it found."""
