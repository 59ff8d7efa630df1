"""What makes a long queue short, over HTTP: how many each choice leaves, and the lists that people keep by name."""
