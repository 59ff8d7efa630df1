"""The engine on PostgreSQL, driven by asyncpg. Nobody above the store ever names it."""
