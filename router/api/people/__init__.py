"""Who comes in, and where they are signed in. It never says whether a name is known here."""
