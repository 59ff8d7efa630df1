"""The verb group `trails`: the trail of a case for a magistrate. It decides nothing."""
