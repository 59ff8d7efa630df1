"""What people ask of us about themselves, over HTTP. It never names a location in an address, and answers nobody."""
