"""What may stand in a body: the fields that the public client sends, and nothing that it does not.

Numbers are taken where text is due, because that client turns every text of digits into a number.
"""

from typing import Annotated, Any, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from router.world.iccam.records import Refusal
from router.world.iccam.words import REASONED, REASONS, Words

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Text = Annotated[str, StringConstraints(max_length=4000)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Flag = Annotated[int, Field(ge=0, le=1)]

COUNTRY: Final = TypeAdapter(Country)


class Body(BaseModel):
    """Common to all: an unknown field is refused, so that nobody sends what no hub has been seen to read."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True, alias_generator=to_camel)

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Return the body. Raise Refusal, naming each wrong field."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            wrong = {".".join(map(str, one["loc"])) or "body": one["msg"] for one in error.errors()}
        raise Refusal(400, **wrong)

    def as_sent(self) -> dict[str, Any]:
        """Return what stood in the body, under the API's names."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Credentials(Body):
    """`POST Authentication`."""

    username: Text
    password: Text = Field(repr=False)


class TokenPair(Body):
    """`POST Authentication/refresh`."""

    bearer_token: Text
    refresh_token: Text


class Assessment(Body):
    """`PUT rest/Content/{id}/assessment`, and in each URL of a report."""

    assessing_analyst_name: Text
    classification: int
    age_categorization: int
    gender_categorization: int
    virtual_content_categorization: Flag = 0
    user_generated_content_categorization: Flag = 0
    child_modeling_categorization: Flag = 0

    def check(self, words: Words) -> None:
        """Raise Refusal for an id that the hub does not know."""
        must_be_known(words, "classifications", self.classification, "classification")
        must_be_known(words, "age-categories", self.age_categorization, "ageCategorization")
        must_be_known(words, "gender-categories", self.gender_categorization, "genderCategorization")


class Action(Body):
    """`POST rest/Content/{id}/actions`. Unavailable and NotIllegal carry a reason, the client's others never do."""

    action_type: int
    actioning_analyst_name: Text
    action_date: AwareDatetime
    reason_id: int | None = None
    reason_text: Text | None = None

    def check(self, words: Words) -> None:
        """Raise Refusal for an id that the hub does not know, or a reason where none is due or none is given."""
        must_be_known(words, "action-types", self.action_type, "actionType")
        if (self.reason_id is not None) != (self.action_type in REASONED) or self.reason_id not in {None, *REASONS}:
            raise Refusal(400, reasonId="no such reason for this action")


class Organization(Body):
    """Who runs the host. The client has the other two only in comments."""

    organization_name: Text = ""
    autonomous_system_number: Text | None = None
    is_content_delivery_network: bool | None = None


class Location(Body):
    """One of the URLs of a report."""

    url_string: Annotated[str, StringConstraints(min_length=1, max_length=8000)]
    hotline_reference: Reference
    hosting_country_code: Country
    hosting_ip_address: Text | None = None
    hosting_isp: Text | None = None
    hosting_organization: Organization | None = None
    is_source_url: bool
    memo: Text = ""
    content_type: Annotated[int, Field(ge=1, le=2)]  #: 1 media, 2 website
    assessment: Assessment | None = None
    actions: Annotated[list[Action], Field(max_length=0)]  #: always empty in the client; what else does is unknown


class NewReport(Body):
    """`POST rest/reports`."""

    reporting_analyst_name: Text
    hotline_received_date: AwareDatetime
    hotline_reference: Reference
    memo: Text = ""
    urls: Annotated[list[Location], Field(min_length=1)]
    source_url_username: Text = ""
    source_url_password: Text = ""
    source_url_referrer: Text | None = None
    source_url_site_type: int | None = None
    source_url_commerciality: int | None = None
    source_url_payment_methods: list[int] = []

    def check(self, words: Words) -> None:
        """Raise Refusal for an id that the hub does not know, or more or fewer sources than one."""
        for name, value, field in (
            ("site-types", self.source_url_site_type, "sourceUrlSiteType"),
            ("commercialities", self.source_url_commerciality, "sourceUrlCommerciality"),
        ):
            if value is not None:
                must_be_known(words, name, value, field)
        for method in self.source_url_payment_methods:
            must_be_known(words, "payment-methods", method, "sourceUrlPaymentMethods")
        if sum(one.is_source_url for one in self.urls) != 1:
            raise Refusal(400, urls="one source URL is needed")
        for one in self.urls:
            if one.assessment is not None:
                one.assessment.check(words)


def must_be_known(words: Words, name: str, value: int, field: str) -> None:
    """Raise Refusal for an id that is not in that enumeration."""
    if value not in words[name]:
        raise Refusal(400, **{field: "unknown id"})
