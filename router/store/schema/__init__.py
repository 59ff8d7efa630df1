"""Every table, on both engines. The migrations are the history of these files; nothing here reads or writes a row."""
