"""The referral router: a hotline's reports reach the partner in the country that hosts the material.

The way of a report is the folder listing: `api` takes it, `casework` moves it, `hosting` finds the country, `policy`
decides, `delivery` and `partners` send, `store` keeps, `guard` protects. It handles metadata only and never fetches,
stores or shows content.
"""

#: The one place of the version: the package, `--version`, `/metrics` and the OpenAPI document read it here.
__version__ = "0.2.0"
