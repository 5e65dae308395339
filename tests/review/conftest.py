from collections.abc import Iterator
from pathlib import Path

import pytest
from review_samples import Template, Ward, make_template, open_ward


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return make_template(tmp_path_factory.mktemp("template") / "home")


@pytest.fixture
def ward(tmp_path: Path, template: Template) -> Iterator[Ward]:
    opened = open_ward(tmp_path, template)
    with opened.store:
        yield opened
