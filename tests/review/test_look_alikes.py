"""Names, edits and keys that look like others, or like nothing."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from review_samples import NOON, PASSPHRASE, REVIEWER, Ward, accept

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.workflows.approval import (
    ApprovalStatement,
    ApprovalToken,
    check_signature,
    encode,
    key_id,
    public_key,
)
from openmed_agent.workflows.bundle import check_artifact_names
from openmed_agent.workflows.decisions import Decision, check_decision, check_decisions, parse_decisions
from openmed_agent.workflows.review_record import ReviewerReference
from openmed_agent.workflows.review_trust import (
    KnownKey,
    add_known_reviewer,
    known_keys,
    parse_reviewer_export,
    read_known_reviewers,
)
from openmed_agent.workflows.reviewer import check_reviewer_name, create_reviewer

UNREADABLE = [
    "Dr. Ada\u200d Quill",  # a joiner, which shows nothing
    "Dr. Ada\u200c Quill",
    "Dr. Ada\u034f Quill",
    "Dr. Ada\ufe0f Quill",
    "Dr.\u3164Ada",  # a Hangul filler, which is a letter and shows a blank
    "Dr.\u115fAda",
    "\u202eDr",
    "Dr. Ada Q\u0336uill",  # a stroke through the letter
    "Dr. A\u20dda",
    "Dr. Ada Qu\u0456ll",  # a Cyrillic letter among Latin ones
    "Dr. \u0391da Quill",  # a Greek one
    "Dr_Ada",
    "Dr. Ada\u2800",
]
LOOKING_THE_SAME = ["dr. ada quill", "Dr Ada Quill", "Dr.  Ada Quill", "Dr. Ada-Quill", "Ｄr. Ada Quill", "DrAdaQuill"]
HIDING = [0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x180B, 0x200B, 0x2062, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0x1D173]
BLANK = [0x00A0, 0x2000, 0x200A, 0x202F, 0x205F, 0x3000]
PRIME = 2**255 - 19
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME

Point = tuple[int, int]


def plus(one: Point, two: Point) -> Point:
    """Add two points of the Ed25519 curve, straight from RFC 8032, 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = one, two
    product = CURVE * x1 * x2 * y1 * y2 % PRIME
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, PRIME - 2, PRIME) % PRIME,
        (y1 * y2 + x1 * x2) * pow(1 - product, PRIME - 2, PRIME) % PRIME,
    )


def small_order_encodings() -> set[bytes]:
    """Return every encoding of the eight points whose order divides 8, made from one of order 8 by adding."""
    # The best known point of order 8 (RFC 7748's curve, 7): its y, and x from the equation of the curve.
    y = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    x = x if x * x % PRIME == square else x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    assert x * x % PRIME == square
    point, points = (x, y), [(0, 1)]
    while (following := plus(points[-1], point)) != points[0]:
        points.append(following)
    assert len(points) == 8
    ordinates = {y for _, y in points} | {y + PRIME for _, y in points if y + PRIME < 2**255}
    return {(y | sign << 255).to_bytes(32, "little") for y in ordinates for sign in (0, 1)}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_name_that_could_be_misread_is_no_name(ward: Ward, name: str) -> None:
    with pytest.raises(InputError, match="not a reviewer's name"):
        check_reviewer_name(name)
    with pytest.raises(ValidationError):
        ReviewerReference(name=name, key=ward.signer.reviewer.key)


@pytest.mark.parametrize(
    "name", ["Zoë O’Hara-Núñez, M.D.", "Иванова А. П.", "山田 花子", "Zoe\u0308 Q", "نور علي", "김 하나"]
)
def test_names_of_many_languages_are_names(name: str) -> None:
    assert check_reviewer_name(name)


@pytest.mark.parametrize("name", LOOKING_THE_SAME)
def test_nobody_is_created_or_trusted_who_looks_like_another(ward: Ward, name: str) -> None:
    with pytest.raises(InputError, match="looks the same"):
        create_reviewer(ward.store, name, PASSPHRASE, now=NOON)
    key = key_id(Ed25519PrivateKey.generate().public_key())
    stranger = ReviewerReference(name=check_reviewer_name(name), key=key)
    folder = ward.home / "config"
    add_known_reviewer(folder, ward.signer.reviewer)
    with pytest.raises(InputError, match="looks the same"):
        add_known_reviewer(folder, stranger)
    assert read_known_reviewers(folder) == {ward.signer.reviewer.key: KnownKey(REVIEWER)}
    with pytest.raises(InputError, match="looks the same"):
        add_known_reviewer(ward.home / "empty", stranger, here=known_keys(ward.store, ward.home / "empty"))
    assert not (ward.home / "empty").exists()


@pytest.mark.parametrize("code", [*HIDING, *BLANK, 0x202E, 0xE000, 0x0336, 0x20DD, 0xE0041, 0xF0000])
def test_an_edit_or_a_reason_with_something_unseen_is_refused(ward: Ward, code: int) -> None:
    item = ward.draft.items[2]
    for decision in (
        Decision(item=item.digest, action="edit", text=f"HbA1c 7{chr(code)}1 %"),
        Decision(item=item.digest, action="reject", reason=f"not{chr(code)}so"),
    ):
        with pytest.raises(InputError, match="invisible"):
            check_decision(ward.draft, decision)


@pytest.mark.parametrize("text", ["HbA1c  7.1 %", " HbA1c 7.1 %", "ＨｂＡ１ｃ 7.1 ％"])
def test_an_edit_that_reads_the_same_is_none(ward: Ward, text: str) -> None:
    with pytest.raises(InputError, match="is the old one"):
        check_decision(ward.draft, Decision(item=ward.draft.items[2].digest, action="edit", text=text))


def test_an_edit_in_another_script_is_one(ward: Ward) -> None:
    for text in ("HbA1c 7,1 % – größer als vorher", "糖化血红蛋白 7.1 %", "HbA1c 7.1 % (\u0915\u093f)"):
        check_decision(ward.draft, Decision(item=ward.draft.items[2].digest, action="edit", text=text))


def test_a_key_under_which_anybody_can_sign_is_no_key(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    fields = token.statement.model_dump(mode="json", by_alias=True)
    encodings = small_order_encodings()
    assert len(encodings) == 14  # 5 ordinates, two of them in a form that is not reduced too, each with either sign
    public_key(token.statement.reviewer.key)
    for raw in encodings:
        key = f"ed25519:{encode(raw)}"
        with pytest.raises(ValueError, match="small order"):
            public_key(key)
        export = {"schema": "openmed.reviewer/1", "name": "Dr. Weak", "key": key}
        with pytest.raises(InputError):
            parse_reviewer_export(json.dumps(export).encode())
        fields["reviewer"] = {"name": "Dr. Weak", "key": key}
        for nonce in range(8):  # without the check, one in 8 or so would hold
            fields["nonce"] = f"{nonce:064x}"
            statement = ApprovalStatement.model_validate_json(json.dumps(fields))
            for point in (b"\x01" + bytes(31), raw):
                with pytest.raises(NotPermittedError):
                    check_signature(ApprovalToken(statement, point + bytes(32)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"revision": 1', '"revision": "1"'),
        ('"revision": 1', '"revision": 1.0'),
        ('"revision": 1', '"revision": true'),
        ('"schema"', '"schema_"'),
        ('{"schema"', '{"schema_": "openmed.decisions/1", "schema"'),
        ('"action": "accept"', '"action": "reject", "action": "accept"'),
        ('"decisions": [', '"decisions": [], "decisions": ['),
    ],
)
def test_a_decisions_file_has_one_reading(ward: Ward, before: str, after: str) -> None:
    fields = {
        "schema": "openmed.decisions/1",
        "draft_id": ward.draft.draft_id,
        "revision": 1,
        "payload_digest": ward.draft.payload_digest,
        "decisions": [accept(item).model_dump() for item in ward.draft.items],
    }
    text = json.dumps(fields)
    check_decisions(ward.draft, parse_decisions(text.encode()))
    assert before in text
    with pytest.raises(InputError):
        parse_decisions(text.replace(before, after, 1).encode())


@pytest.mark.parametrize("name", ["CON", "nul", "aux.md", "Com1", "lpt9.tar.gz", "PRN .txt", "com0"])
def test_a_device_of_windows_is_no_artifact(name: str) -> None:
    with pytest.raises(InputError, match="not safe"):
        check_artifact_names([name])
    check_artifact_names([f"a{name}", "console.md", "com10.md", "null.txt"])
