"""What else names a host by its index, named anew with every index. It decides nothing, and changes no rule."""
