"""The kinds of fields that sections share."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    field_validator,
)

from bridge.settings import addresses

# of RFC 8176 §2 or of one's own
AmrWord = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,32}$")]
BaseAddress = Annotated[str, AfterValidator(addresses.check_base)]
Callback = Annotated[str, AfterValidator(addresses.check_callback)]
Listen = Annotated[str, AfterValidator(addresses.check_listen)]
Network = Annotated[str, AfterValidator(addresses.check_network)]
PageAddress = Annotated[str, AfterValidator(addresses.check_page)]
Proxy = Annotated[str, AfterValidator(addresses.check_proxy)]
RedirectUri = Annotated[str, AfterValidator(addresses.check_redirect_uri)]
Support = Annotated[str, AfterValidator(addresses.check_support)]
WebUri = Annotated[str, AfterValidator(addresses.check_web_uri)]
Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=255)]
# NQCHAR of RFC 6749 §3.3
ScopeWord = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class Section(BaseModel):
    """A frozen table of settings; unknown keys and doubled entries are faults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # pydantic would print the section, secrets included
    )

    @field_validator("*")
    @classmethod
    def _holds_each_once(cls, value: object) -> object:
        texts = value if isinstance(value, tuple) else ()
        for number, text in enumerate(texts):
            first = texts.index(text)
            if isinstance(text, str) and first != number:
                raise ValueError(
                    f"entry {number + 1} is the same as entry {first + 1}: "
                    "keep one of the two"
                )
        return value
