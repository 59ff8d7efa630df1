"""What makes a long queue short, over HTTP: how many each choice leaves, and kept lists. No name is ever a location."""
