"""Drug classes and duplicate therapy out of an installed release, and their absence without one."""

from pathlib import Path

import pytest
import release_files as made

from openmed_agent.planes.codes.progress import ignore_progress
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.codes.rxnorm_classes import classify, duplicates
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex


@pytest.fixture(scope="module")
def drugs(tmp_path_factory: pytest.TempPathFactory) -> RxNormIndex:
    folder = tmp_path_factory.mktemp("classes")
    source = made.prescribable(folder, more_names=made.ATC_RELEASE)
    install_release("rxnorm", source, folder, version=None, progress=ignore_progress)
    found = InstalledSystems(folder).rxnorm
    assert found is not None
    return found


def hints(drugs: RxNormIndex, *rxcuis: str) -> list[tuple[str, str, list[str]]]:
    return [
        (found.kind, (found.ingredient or found.drug_class).name, [drug.rxcui for drug in found.drugs])  # type: ignore[union-attr]
        for found in duplicates(drugs, rxcuis).duplicates
    ]


@pytest.mark.parametrize("rxcui", ["6809", "861007", "861009", "151827", "900001"])
def test_ingredient_drug_brand_and_pack_have_the_classes_of_the_ingredient(drugs: RxNormIndex, rxcui: str) -> None:
    reply = classify(drugs, [rxcui])
    assert [found.ingredient.name for found in reply.drugs[0].ingredients] == ["metformin"]
    classes = reply.drugs[0].ingredients[0].classes
    assert [(held.code, held.level) for held in classes] == [("A10", 2), ("A10B", 3), ("A10BA", 4)]
    assert classes[2].name == "Biguanides"
    assert reply.release.version == "2026-11-02"


def test_a_combination_has_the_classes_of_each_part(drugs: RxNormIndex) -> None:
    found = classify(drugs, ["197885"]).drugs[0]
    assert [held.ingredient.name for held in found.ingredients] == ["hydrochlorothiazide", "lisinopril"]
    assert [held.code for held in found.ingredients[0].classes] == ["C03", "C03A", "C03AA"]
    assert found.ingredients[1].classes == ()


def test_one_ingredient_in_two_drugs(drugs: RxNormIndex) -> None:
    assert hints(drugs, "861007", "861009") == [("same_ingredient", "metformin", ["861007", "861009"])]
    assert hints(drugs, "197885", "5487") == [("same_ingredient", "hydrochlorothiazide", ["197885", "5487"])]


def test_two_ingredients_of_one_class_of_level_4(drugs: RxNormIndex) -> None:
    assert hints(drugs, "5487", "424242") == [("same_class", "Thiazides, plain", ["5487", "424242"])]
    # both are diuretics (C03), and a patient may well take both: level 4 differs
    assert hints(drugs, "5487", "4603") == []


def test_a_drug_named_twice_is_one_drug(drugs: RxNormIndex) -> None:
    assert hints(drugs, "861007", "861007") == []
    assert hints(drugs, "197885") == []


def test_what_is_not_known_is_said(drugs: RxNormIndex) -> None:
    reply = duplicates(drugs, ["29046", "4242424242", "861007"])
    assert [found.name for found in reply.unclassified] == ["lisinopril"]
    assert [found.code for found in reply.ignored] == ["4242424242"]
    assert reply.duplicates == ()
    assert any("not shown to go together" in note for note in reply.notes)


def test_a_release_without_atc_has_no_classes(tmp_path: Path) -> None:
    install_release("rxnorm", made.prescribable(tmp_path), tmp_path, version=None, progress=ignore_progress)
    found = InstalledSystems(tmp_path).rxnorm
    assert found is not None
    assert not found.has_classes
