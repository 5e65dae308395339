"""A bundle has one right content for each signature; anything else is a problem."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_samples import NOON, PATIENT, REVIEWER, SITE, Template, Ward, folder_bytes, open_ward, render

from openmed_agent.errors import InputError
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.approval import key_id, sign_statement
from openmed_agent.workflows.bundle import PROGRAM, Manifest, make_bundle
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.drafting import Artifact
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.provenance import digest_uri
from openmed_agent.workflows.review_record import ReviewerReference, ReviewRecord
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.review_trust import KnownKey, parse_reviewer_export
from openmed_agent.workflows.verify import verify_bundle


def bundle_of(ward: Ward) -> Path:
    """Return a bundle that went through two revisions."""
    session = ward.reviewed()
    lab = session.draft.items[2]
    session.decide(Decision(item=lab.digest, action="edit", text="HbA1c 7.1 % in March"), now=NOON)
    final = final_session(ward.store, session, render, now=NOON)
    return finalize(ward.store, ward.sign(final), home=ward.home, now=NOON, policy=SITE).destination


@pytest.fixture(scope="session")
def intact(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Path:
    ward = open_ward(tmp_path_factory.mktemp("verify"), template)
    with ward.store:
        return bundle_of(ward)


@pytest.fixture
def bundle(intact: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(intact, tmp_path / "bundle"))


def rewrite(bundle: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change a JSON file in place, and let the manifest agree with it as a careful forger would."""
    content = json.loads((bundle / name).read_bytes())
    change(content)
    (bundle / name).write_bytes(rfc8785.dumps(content))
    fix_manifest(bundle)


def fix_manifest(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"] = [
        {
            "name": path.name,
            "media_type": next((f["media_type"] for f in manifest["files"] if f["name"] == path.name), "text/plain"),
            "bytes": path.stat().st_size,
            "digest": sha256_digest(path.read_bytes()),
        }
        for path in sorted(bundle.iterdir())
        if path.name != "manifest.json"
    ]
    (bundle / "manifest.json").write_bytes(rfc8785.dumps(manifest))


def test_an_intact_bundle_says_who_signed_and_whether_the_key_is_known(bundle: Path, template: Template) -> None:
    key = template.signer.reviewer.key
    stranger = verify_bundle(bundle, {})
    assert (stranger.ok, stranger.known, stranger.trusted) == (True, False, False)
    known = verify_bundle(bundle, {key: KnownKey(REVIEWER)})
    assert (known.ok, known.known, known.trusted) == (True, True, True)
    assert known.signature is not None
    assert (known.signature.name, known.signature.key, known.signature.attestation) == (REVIEWER, key, "interactive")
    misnamed = verify_bundle(bundle, {key: KnownKey("Dr. Somebody Else")})
    assert (misnamed.ok, misnamed.known, misnamed.trusted) == (True, False, False)
    assert known.files == 6


def test_a_bundle_of_the_first_format_verifies_for_ever() -> None:
    """The committed bundle is of invented data, with an edit and a rejection; it is never made anew."""
    golden = Path(__file__).with_name("golden")
    reviewer = parse_reviewer_export((golden / "reviewer.json").read_bytes())
    report = verify_bundle(golden / "bundle-1", {reviewer.key: KnownKey(reviewer.name)})
    assert report.problems == ()
    assert report.trusted
    assert report.draft is not None
    assert (report.draft.revision, len(report.draft.items)) == (2, 4)


def test_every_changed_byte_is_found(bundle: Path) -> None:
    for path in sorted(bundle.iterdir()):
        content = path.read_bytes()
        step = max(1, len(content) // 60)
        for place in range(0, len(content), step):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert not verify_bundle(bundle, {}).ok, (path.name, place)
        for changed in (content[:-1], content + b"\n", b"", content + b"x"):
            path.write_bytes(changed)
            assert not verify_bundle(bundle, {}).ok, path.name
        path.write_bytes(content)
    assert verify_bundle(bundle, {}).ok


def test_every_missing_or_renamed_file_is_found(bundle: Path) -> None:
    for path in sorted(bundle.iterdir()):
        moved = bundle / f"{path.name}.old"
        path.rename(moved)
        assert not verify_bundle(bundle, {}).ok
        moved.rename(path)
    assert verify_bundle(bundle, {}).ok


@pytest.mark.parametrize("kind", ["file", "folder", "link", "hidden", "pipe", "escape"])
def test_everything_extra_is_found(bundle: Path, kind: str) -> None:
    match kind:
        case "file":
            (bundle / "more.md").write_text("more")
        case "folder":
            (bundle / "more").mkdir()
        case "link":
            (bundle / "more.md").symlink_to(bundle / "summary.md")
        case "hidden":
            (bundle / ".more").write_text("")
        case "pipe":
            os.mkfifo(bundle / "more")
        case _:
            (bundle / "\x1b[2J.md").write_text("")
    report = verify_bundle(bundle, {})
    assert not report.ok
    assert not any("\x1b" in problem for problem in report.problems)


def test_a_link_in_the_place_of_a_file_is_found(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (bundle / "summary.md").rename(target)
    (bundle / "summary.md").symlink_to(target)
    assert not verify_bundle(bundle, {}).ok


def test_a_careful_forger_of_the_manifest_is_found(bundle: Path) -> None:
    (bundle / "summary.md").write_bytes(b"# Summary\n\n- warfarin 50 mg\n")
    fix_manifest(bundle)
    assert not verify_bundle(bundle, {}).ok


def test_artifacts_that_swapped_names_are_found(bundle: Path) -> None:
    one, two = bundle / "summary.md", bundle / "summary.json"
    contents = one.read_bytes(), two.read_bytes()
    one.write_bytes(contents[1])
    two.write_bytes(contents[0])
    fix_manifest(bundle)
    assert not verify_bundle(bundle, {}).ok


def _first(changes: dict[str, object]) -> Callable[[Any], object]:
    return lambda content: content.update(changes)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("decisions.json", lambda c: c["rounds"][0]["decisions"]["decisions"][0].update(reason="other")),
        ("decisions.json", lambda c: c["rounds"].pop(0)),
        ("decisions.json", lambda c: c["rounds"].append(c["rounds"][-1])),
        ("decisions.json", lambda c: c["rounds"][0]["reviewer"].update(name="Dr. Mallory")),
        ("decisions.json", lambda c: c["rounds"][-1]["draft"]["items"][0].update(claim="x")),
        ("decisions.json", _first({"schema": "openmed.review/2"})),
        ("provenance.json", _first({"attestation": "scripted"})),
        ("provenance.json", _first({"workflow_version": "9.9.9"})),
        ("provenance.json", lambda c: c["reviewed"].update(edited=0)),
        ("provenance.json", _first({"signed": "2026-03-02T11:59:59Z"})),
        ("provenance.json", _first({"signed": "2026-99-99T11:59:59Z"})),
        ("provenance.json", _first({"program": "openmed-agent \x1b[2J"})),
        ("provenance.json", _first({"more": 1})),
        ("provenance.fhir.json", _first({"recorded": "2026-03-02T11:59:59Z"})),
        ("provenance.fhir.json", lambda c: c["agent"].pop()),
        ("provenance.fhir.json", lambda c: c["signature"][0]["who"].update(display="Dr. Mallory")),
        ("manifest.json", lambda c: c["statement"].update(destination="/elsewhere/bundle")),
        ("manifest.json", lambda c: c["statement"]["reviewer"].update(name="Dr. Mallory")),
        ("manifest.json", lambda c: c["files"].append(c["files"][0])),
        ("manifest.json", lambda c: c["files"][0].update(name="../summary.md")),
        ("manifest.json", lambda c: c["files"][0].update(name="/etc/passwd")),
        ("manifest.json", lambda c: c["files"][0].update(name="..")),
        ("manifest.json", lambda c: c["files"][0].update(media_type="text/html")),
        ("manifest.json", lambda c: c["files"].reverse()),
        ("manifest.json", _first({"decisions_digest": "sha256:" + "0" * 64})),
    ],
)
def test_every_consistent_forgery_is_found(bundle: Path, name: str, change: Callable[[Any], object]) -> None:
    if name == "manifest.json":
        content = json.loads((bundle / name).read_bytes())
        change(content)
        (bundle / name).write_bytes(rfc8785.dumps(content))
    else:
        rewrite(bundle, name, change)
    assert not verify_bundle(bundle, {}).ok


def sign_anew(bundle: Path, *, decided_by: str) -> None:
    """Sign the bundle with a key of one's own, over decisions by its owner or by the first reviewer."""
    key = Ed25519PrivateKey.generate()
    manifest = Manifest.model_validate_json((bundle / "manifest.json").read_bytes())
    review = json.loads((bundle / "decisions.json").read_bytes())
    forger = {"name": REVIEWER, "key": key_id(key.public_key())}
    if decided_by == "the forger":
        review["rounds"][-1]["reviewer"] = forger
    record = ReviewRecord.model_validate(review)
    statement = manifest.statement.model_copy(
        update={"reviewer": ReviewerReference(**forger), "decisions_digest": record.digest()}
    )
    artifacts = tuple(
        Artifact(artifact.name, artifact.media_type, (bundle / artifact.name).read_bytes())
        for artifact in record.final.artifacts
    )
    for file in make_bundle(sign_statement(statement, key), record, artifacts):
        (bundle / file.name).write_bytes(file.content)


def test_nobody_signs_for_the_decisions_of_another(bundle: Path) -> None:
    sign_anew(bundle, decided_by="the reviewer")
    assert verify_bundle(bundle, {}).problems == ("The decisions are not the signing reviewer's.",)


def test_a_bundle_signed_anew_by_a_stranger_is_intact_but_not_known(bundle: Path, template: Template) -> None:
    """A forger can make a bundle of their own; they cannot make it the reviewer's."""
    sign_anew(bundle, decided_by="the forger")
    report = verify_bundle(bundle, {template.signer.reviewer.key: KnownKey(REVIEWER)})
    assert (report.ok, report.known, report.trusted) == (True, False, False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["manifest.json", "decisions.json", "provenance.json"]), content=st.binary(max_size=60))
def test_no_content_makes_anything_but_a_report(bundle: Path, name: str, content: bytes) -> None:
    original = (bundle / name).read_bytes()
    try:
        (bundle / name).write_bytes(content)
        report = verify_bundle(bundle, {})
        assert not report.ok
        assert not any(PATIENT in problem for problem in report.problems)
    finally:
        (bundle / name).write_bytes(original)


def test_what_is_no_folder_is_an_input_error(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundle)
    for path in (tmp_path / "none", bundle / "summary.md", tmp_path / "link", Path("\x00")):
        with pytest.raises(InputError):
            verify_bundle(path, {})


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    report = verify_bundle(tmp_path, {})
    assert (report.ok, report.signature) == (False, None)


def test_the_fhir_provenance_is_valid_and_names_sources_and_artifacts_by_digest(bundle: Path) -> None:
    from fhir.resources.R4B.provenance import Provenance

    content = (bundle / "provenance.fhir.json").read_bytes()
    resource = Provenance.model_validate_json(content)
    assert len(resource.target) == 2
    written = json.loads(content)
    assert {target["identifier"]["value"] for target in written["target"]} == {
        digest_uri(sha256_digest((bundle / name).read_bytes())) for name in ("summary.md", "summary.json")
    }
    # RFC 6920, section 8.1, gives this example for the bytes "Hello World!".
    assert digest_uri(sha256_digest(b"Hello World!")) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    assert written["signature"][0]["type"][0]["code"] == "1.2.840.10065.1.12.1.5"


def test_the_run_record_counts_the_review(bundle: Path) -> None:
    run = json.loads((bundle / "provenance.json").read_bytes())
    assert run["reviewed"] == {"revisions": 2, "accepted": 5, "edited": 1, "rejected": 0}
    assert run["program"] == PROGRAM


def test_a_bundle_can_be_moved_and_copied(bundle: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(bundle, tmp_path / "somewhere else")
    assert folder_bytes(copied) == folder_bytes(bundle)
    assert verify_bundle(copied, {}).ok
