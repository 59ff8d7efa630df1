"""Which settings name a secret is said where they stand; a form never shows one."""

from router.partners import DIALECTS
from router.partners.secret_name import names_secret


def test_every_setting_that_names_a_secret_says_so() -> None:
    found = {
        name: {one for one, field in dialect.Config.model_fields.items() if names_secret(field)}
        for name, dialect in DIALECTS.items()
    }
    assert found == {
        "dropbox": {"signing", "signing_password"},
        "iccam": {"password", "certificate", "certificate_key", "certificate_password"},
        "router": set(),
        "webhook": {"secrets"},
    }
