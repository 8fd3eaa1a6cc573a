"""Secret: a text that never shows itself."""

import hashlib
import hmac

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

HIDDEN = "***"


class Secret:
    """Hold a secret text; its repr, its str and its dump are `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def digest(self) -> bytes:
        """Return the SHA-256 digest of the text in UTF-8."""
        return hashlib.sha256(self._text.encode()).digest()

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self.digest(), other.digest()
        )

    def __hash__(self) -> int:
        return hash(self.digest())

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type["Secret"], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(strict=True, min_length=1),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda _: HIDDEN
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "password", "minLength": 1}
