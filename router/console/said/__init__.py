"""What the rooms below say in English, by the room that says it, for the catalogues. Nothing here is said anew."""
