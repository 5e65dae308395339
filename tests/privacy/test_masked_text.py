"""What de-identification wrote in the place of an identifier is none, whatever a detector thinks of it."""

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.announced.record import announced_identifiers
from openmed_agent.privacy.regions import local_regions

TEXT = "Address: [street_address], [city], VT [zipcode] near Kenosha"


def found(start: int, end: int) -> list[str]:
    finding = PiiFinding(start, end, "city", 0.9, ("test",))
    return [TEXT[region.start : region.end] for region in local_regions(TEXT, (), [finding])]


def test_a_mask_is_no_identifier() -> None:
    assert found(TEXT.index("street"), TEXT.index("zipcode") + 7) == []
    assert found(TEXT.index("[city]"), TEXT.index("[city]") + 6) == []


def test_a_name_beside_a_mask_is_one() -> None:
    assert found(TEXT.index("zipcode"), len(TEXT)) == ["near Kenosha"]


def test_a_bracketed_word_that_is_no_label_is_one() -> None:
    text = "Seen by [okafor] today"
    findings = [PiiFinding(9, 15, "last_name", 0.9, ("test",))]
    assert [text[region.start : region.end] for region in local_regions(text, (), findings)] == ["okafor"]


def test_a_masked_header_announces_nobody() -> None:
    masked = (
        "Patient: [last_name], [first_name]   DOB: [date_of_birth]\nAddress: [street_address], [city], VT [zipcode]\n"
    )
    assert list(announced_identifiers(masked)) == []
    assert list(announced_identifiers("Patient: Okafor, Maria\n")) != []
