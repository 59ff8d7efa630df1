"""The simulated internet and partners on loopback, for the demo and the tests: outside of the product.

It speaks the real protocols (DNS, RDAP, HTTPS with a throw-away authority) from one story with injected time. The
product never imports it; it imports words and the clock only, and never listens or connects beyond loopback.
"""
