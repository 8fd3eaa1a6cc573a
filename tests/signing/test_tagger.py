"""Tags over handles."""

import hashlib
import hmac

from bridge.signing.secret_files import SecretKey
from bridge.signing.tagger import HmacTagger

NOW = 1_764_000_000
OLD = SecretKey(b"\x00\x00\x00\x01", NOW - 1000, b"o" * 32)
NEW = SecretKey(b"\x00\x00\x00\x02", NOW, b"n" * 32)


def test_tag_is_hmac_sha_256_cut_to_18_bytes() -> None:
    tagger = HmacTagger([OLD])

    tag = tagger.tag(OLD.key_id, b"message")

    assert tag == hmac.new(b"o" * 32, b"message", hashlib.sha256).digest()[:18]


def test_tag_changes_with_message_and_key() -> None:
    tagger = HmacTagger([OLD, NEW])

    tags = {
        tagger.tag(key.key_id, message)
        for key in (OLD, NEW)
        for message in (b"a", b"b")
    }

    assert len(tags) == 4


def test_unknown_key_gives_no_tag() -> None:
    tagger = HmacTagger([OLD])

    assert tagger.tag(NEW.key_id, b"message") is None
    assert tagger.tag(b"", b"message") is None


def test_new_key_verifies_at_once_and_makes_tags_after_sixty_seconds() -> None:
    tagger = HmacTagger([OLD, NEW])

    key_ids = [tagger.key_id(now) for now in (NOW, NOW + 59, NOW + 60)]

    assert key_ids == [OLD.key_id, OLD.key_id, NEW.key_id]
    assert tagger.tag(NEW.key_id, b"message") is not None


def test_first_key_of_all_makes_tags_at_once() -> None:
    tagger = HmacTagger([NEW])

    assert tagger.key_id(NOW) == NEW.key_id
