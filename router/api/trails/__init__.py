"""The API of trails for a magistrate; it decides nothing."""
