"""Partners' settings as their dialect reads them."""

from typing import TypeVar

from pydantic import ValidationError

from router.errors import BadInput
from router.partners.base import DialectSettings, Reason
from schemas.partner import Partner

C = TypeVar("C", bound=DialectSettings)


class Configs(dict[str, tuple[Partner, C]]):
    """Partners' settings as their dialect reads them, read once per directory version."""

    def __init__(self, model: type[C]) -> None:
        super().__init__()
        self._model = model

    def of(self, partner: Partner) -> C:
        """Return the settings, or raise BadInput naming the field, never its value: it may be a secret."""
        seen, config = self.get(partner.name, (None, None))
        if config is None or seen is not partner:
            config = _settings(self._model, partner)
            self[partner.name] = partner, config
        return config


def _settings(model: type[C], partner: Partner) -> C:
    problem = ""
    try:
        config = model.model_validate(partner.config)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        problem = ".".join(str(part) for part in first["loc"])
    else:
        config.opened(partner.networks)
        return config
    raise BadInput(
        f"The settings of partner '{partner.name}' cannot be used; correct the named field",
        field=f"partners.{partner.name}.config.{problem}",
        reason=Reason.MISCONFIGURED,
    )
