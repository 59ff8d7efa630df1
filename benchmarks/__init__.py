"""What the product reaches, measured: each script prints a figure beside its limit. `router/` imports none of them."""
