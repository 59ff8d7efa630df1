"""The engine on embedded SQLite, driven by apsw. Nobody above the store ever names it."""
