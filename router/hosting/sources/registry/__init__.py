"""What the regional registries say of an address, by RDAP and WHOIS: asked, paced, remembered, read.

An answer is evidence of registration, never of location, and no failure of a registry is an error of ours.
"""
