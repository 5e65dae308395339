"""Identifiers in documents that are no clinical notes: forms, letters, records, logs, chats."""

import json
import re
import time
from pathlib import Path

import pytest

from openmed_agent.planes.inference.pii.detector import detect

HERE = Path(__file__).parent


def found(text: str) -> list[tuple[str, str]]:
    return [(text[f.start : f.end], f.label) for f in detect(text)]


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ('{"cvv": "254"}', "254", "cvv"),
        ("<card><cvc>254</cvc></card>", "254", "cvv"),
        ('{"serialNumber": "PJN4471820"}', "PJN4471820", "device_identifier"),
        ("<tr><th>Licence plate</th><td>LJK 4576</td></tr>", "LJK 4576", "license_plate"),
        ("Policy: RE 553 463 978", "RE 553 463 978", "health_plan_number"),
        ("Invoice number YTE/94/9054 is due", "YTE/94/9054", "account_number"),
        ("your sort code is 93-07-03 now", "93-07-03", "account_number"),
        ("my pin is 7498 btw", "7498", "pin"),
        ("Recovery code: 801615", "801615", "pin"),
        ("PNR RFQABQ", "RFQABQ", "unique_id"),
        ("BIC of the bank: RTITGB2LXXX", "RTITGB2LXXX", "bic"),
        ("DB_PASSWORD=etp%W4Lhz9", "etp%W4Lhz9", "password"),
        ('API_KEY="q1w2e3r4t5y6"', "q1w2e3r4t5y6", "api_key"),
        ("see 3f2b8c1e-7a4d-4e21-9c55-b1f0e8d7a6c4 there", "3f2b8c1e-7a4d-4e21-9c55-b1f0e8d7a6c4", "unique_id"),
        ("to 0x63ee157a96c4e68df77bce82aa4a9bfd3da7bff0", "0x63ee157a96c4e68df77bce82aa4a9bfd3da7bff0", "unique_id"),
        ("from fe80::7a6d:9e28:4e6c:ec91 at night", "fe80::7a6d:9e28:4e6c:ec91", "ip_address"),
        ("auth: login ok user=warren56 ip", "warren56", "username"),
        ("parked at 46.55579,2.12450.", "46.55579,2.12450", "gps_coordinates"),
        ("pay ravi.menon@okbank today", "ravi.menon@okbank", "email"),
        (
            "P<GBRKAIKSENG<<DUSTY<<<<<<<<<<<<<<<<<<<<<<<<",
            "P<GBRKAIKSENG<<DUSTY<<<<<<<<<<<<<<<<<<<<<<<<",
            "certificate_number",
        ),
        ("at Flat 7, 156 Lopez Street, Leeds", "Flat 7, 156 Lopez Street", "street_address"),
        ("to Unit 5/30 Carter Lane today", "Unit 5/30 Carter Lane", "street_address"),
        ("at 129 rue de la Gare, 66149 Lyon", "129 rue de la Gare", "street_address"),
        ("postcode: SW1P 3CC", "SW1P 3CC", "zipcode"),
        ("in Flatwoods VIC 2892 today", "2892", "zipcode"),
        ("works for Hardin Airlines now", "Hardin Airlines", "organization"),
        ("on 27/Mar/1949 at noon", "27/Mar/1949", "date"),
    ],
)
def test_each_kind_of_identifier_is_found_whole_and_labelled(text: str, value: str, label: str) -> None:
    assert (value, label) in found(text)


@pytest.mark.parametrize("mark", [",", ";", " | ", "\t"])
def test_cells_are_found_by_the_heading_of_their_column(mark: str) -> None:
    text = "\n".join(mark.join(row) for row in (("user_name", "emp_no", "bic"), ("nightowl", "BW-2093", "RTITGB2L")))
    assert [pair for pair in found(text) if pair[0] in {"nightowl", "BW-2093", "RTITGB2L"}] == [
        ("nightowl", "username"),
        ("BW-2093", "unique_id"),
        ("RTITGB2L", "bic"),
    ]


def test_a_list_of_words_is_no_heading() -> None:
    assert found("Reviewed labs, chart, imaging\nBP 120/80, HR 70, temp 98") == []
    assert found("Test | Result | Reference\nSodium | 140 | 135-145") == []


@pytest.mark.parametrize(
    "text",
    [
        "Password: must be changed",
        "The token was given to the key nurse in the session.",
        "3-hydroxy-3-methylglutaryl-coenzyme A reductase",
        "Passed stool; passage normal; passing gas.",
        "user: none, account closed, group therapy",
        "Air consulting with cardiology; savings in cost.",
        "Weak at C5 6MG given, T3 level",
    ],
)
def test_words_of_records_and_chemistry_stay_untouched(text: str) -> None:
    assert found(text) == []


def score(documents: list[tuple[str, set[int]]]) -> tuple[float, float]:
    """Return recall and precision by letters and digits."""
    true = missed = extra = 0
    for text, spans in documents:
        gold = {i for i in spans if text[i].isalnum()}
        hits = {i for f in detect(text) for i in range(f.start, f.end) if text[i].isalnum()}
        true, missed, extra = true + len(gold & hits), missed + len(gold - hits), extra + len(hits - gold)
    return true / (true + missed), true / (true + extra)


def test_generated_documents_of_held_out_layouts_reach_the_targets() -> None:
    documents = []
    for line in (HERE / "held_out_documents.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        documents.append((row["text"], {i for start, end, _ in row["spans"] for i in range(start, end)}))
    recall, precision = score(documents)
    assert recall >= 0.96
    assert precision >= 0.94


def test_documents_written_by_hand_reach_the_targets() -> None:
    documents = []
    for block in re.split(r"(?m)^=== .*\n", (HERE / "marked_documents.txt").read_text("utf-8"))[1:]:
        text, gold = "", set()
        for part in re.split(r"(\[\[.*?\]\])", block):
            bare = part[2:-2] if part.startswith("[[") else part
            if part.startswith("[["):
                gold.update(range(len(text), len(text) + len(bare)))
            text += bare
        documents.append((text, gold))
    recall, precision = score(documents)
    assert recall >= 0.92
    assert precision >= 0.94


@pytest.mark.parametrize(
    "piece",
    [
        "user=",
        "pass:",
        "api_key=",
        "a1",
        "1a-",
        "<",
        "</a>",
        "A<<",
        "BIC ",
        "Flat 1, ",
        "1 rue de la ",
        "AB ",
        "A & ",
        "0:",
        "pin,a,b\n",
    ],
)
def test_hostile_records_cost_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        began = time.process_time()
        detect(text)
        return time.process_time() - began

    seconds(500)
    small, large = seconds(5_000), min(seconds(20_000), seconds(20_000))  # a collection may come into one of them
    assert large < 0.3 + 4 * small * 2
