"""A project's file can only narrow, and is looked for only where the project is."""

from pathlib import Path

import pytest

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.settings.configuration import Configuration, load_configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.settings.permissions import FileSettings, PermissionMode, PermissionSettings, PrivacySettings
from openmed_agent.settings.project import ProjectLimits, find_project


def project(folder: Path, text: str) -> Path:
    (folder / ".openmed").mkdir(parents=True, exist_ok=True)
    file = folder / ".openmed" / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def found(folder: Path, text: str) -> ProjectLimits:
    project(folder, text)
    limits = find_project(folder, home=folder.parent)
    assert limits is not None
    return limits


def test_everything_a_project_may_say(tmp_path: Path) -> None:
    place = tmp_path / "p"
    limits = found(
        place,
        "[permissions]\nmode = 'plan'\nask = ['read_file(./raw/**)']\ndeny = ['write_file(~/x)', 'run*']\n"
        "[files]\nroots = ['notes', '/srv/charts']\nclosed = ['notes/x', '~/y']\n[privacy]\nphi_mode = 'strict'\n",
    )
    assert limits.mode is PermissionMode.PLAN
    assert limits.ask == (f"read_file({place}/raw/**)",)
    assert limits.deny == (f"write_file({tmp_path}/x)", "run*")
    assert limits.roots == (place / "notes", Path("/srv/charts"))
    assert limits.closed == (place / "notes" / "x", tmp_path / "y")
    assert limits.phi_mode == "strict"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[permissions]\nallow = ['write_file']", "permissions.allow"),
        ("[permissions]\nmaximum_mode = 'auto'", "permissions.maximum_mode"),
        ("[inference]\nurl = 'https://planted.example'", "inference"),
        ("[codes]\nurl = 'https://planted.example'", "codes"),
        ("[model]\nname = 'planted'", "model"),
        ("[destinations]\nallow = ['planted']", "destinations"),
        ("[privacy]\nminimum_phi_mode = 'full'", "privacy.minimum_phi_mode"),
        ("[files]\nwithin = []", "files.within"),
        ("[review]\nallow_scripted = true", "review"),
        ("[literature]\nenabled = true", "literature"),
        ("trusted = true", "trusted"),
    ],
)
def test_whatever_could_widen_stops_the_session_in_one_sentence(tmp_path: Path, text: str, where: str) -> None:
    project(tmp_path / "p", text)
    with pytest.raises(InputError, match="which no project may") as raised:
        find_project(tmp_path / "p", home=tmp_path)
    assert f"sets {where}," in str(raised.value)
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "[permissions]\nmode = 'planted'",
        "[permissions]\ndeny = ['planted(']",
        "[permissions]\nask = ['']",
        "[permissions]\ndeny = 'planted'",
        "[privacy]\nphi_mode = 'planted'",
        "[a",
        "a = " + "[" * 3000,
        "\udcff",
    ],
)
def test_a_file_that_cannot_be_understood_stops_the_session(tmp_path: Path, text: str) -> None:
    project(tmp_path / "p", "").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"config\.toml") as raised:
        find_project(tmp_path / "p", home=tmp_path)
    assert "planted" not in str(raised.value)


def test_a_file_that_is_no_file_stops_the_session(tmp_path: Path) -> None:
    place = tmp_path / "p"
    (place / ".openmed" / "config.toml").mkdir(parents=True)
    with pytest.raises(InputError):
        find_project(place, home=tmp_path)
    (place / ".openmed" / "config.toml").rmdir()
    (place / ".openmed" / "config.toml").symlink_to("nowhere")
    with pytest.raises(InputError):
        find_project(place, home=tmp_path)
    (place / ".openmed" / "config.toml").unlink()
    (place / ".openmed" / "config.toml").write_bytes(b"#" * 300_000)
    with pytest.raises(InputError):
        find_project(place, home=tmp_path)


def test_it_is_looked_for_up_to_the_repository_and_no_further(tmp_path: Path) -> None:
    home, repository = tmp_path / "home", tmp_path / "home" / "repository"
    inner = repository / "a" / "b"
    inner.mkdir(parents=True)
    project(home / "other", "")
    project(tmp_path, "[permissions]\nmode = 'deny'")
    project(home, "[permissions]\nmode = 'deny'")
    assert find_project(inner, home=home) is None, "neither the home folder nor what is above it is a project"
    project(repository, "[permissions]\nmode = 'plan'")
    above = find_project(inner, home=home)
    assert above is not None
    assert above.file == repository / ".openmed" / "config.toml"
    (repository / "a" / ".git").mkdir()
    assert find_project(inner, home=home) is None, "the repository begins below"
    project(inner, "[permissions]\nmode = 'ask'")
    innermost = find_project(inner, home=home)
    assert innermost is not None
    assert innermost.mode is PermissionMode.ASK


def test_outside_of_home_and_repository_only_the_working_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    project(tmp_path / "shared", "[permissions]\nmode = 'plan'")
    inner = tmp_path / "shared" / "inner"
    inner.mkdir()
    assert find_project(inner, home=tmp_path / "home") is None, "others may write above"
    assert find_project(tmp_path / "shared", home=tmp_path / "home") is not None
    assert find_project(tmp_path / "home", home=tmp_path / "home") is None
    assert find_project(Path("/"), home=tmp_path / "home") is None


def test_modes_only_become_stricter() -> None:
    own = Configuration(
        permissions=PermissionSettings(mode=PermissionMode.DENY), privacy=PrivacySettings(phi_mode="strict")
    )
    looser = ProjectLimits(Path("x"), mode=PermissionMode.AUTO, phi_mode="full").tighten(own)
    assert looser == own
    stricter = ProjectLimits(Path("x"), mode=PermissionMode.PLAN, phi_mode="strict").tighten(Configuration())
    assert stricter.permissions.effective_mode is PermissionMode.PLAN
    assert stricter.privacy.effective_phi_mode == "strict"
    assert stricter.privacy.minimum_phi_mode == "strict"


def test_a_phi_mode_below_the_least_is_refused() -> None:
    deid = PrivacySettings(minimum_phi_mode="deid")
    assert deid.chosen(None) == "deid"
    assert deid.chosen("strict") == "strict"
    assert PrivacySettings(phi_mode="full").chosen(None) == "full"
    assert PrivacySettings(minimum_phi_mode="strict").chosen(None) == "strict"
    with pytest.raises(NotPermittedError, match="deid at least"):
        deid.chosen("full")


def test_folders_are_those_in_both(tmp_path: Path) -> None:
    charts, notes, other = (tmp_path / name for name in ("charts", "charts/notes", "other"))
    for place in (notes, other):
        place.mkdir(parents=True)
    (tmp_path / "link").symlink_to(other)
    own = FileSettings(roots=(charts,))
    assert FileSettings().granted(charts) == (charts,)
    assert own.granted(other) == (charts,)
    assert own.narrow(roots=(notes,)).granted(other) == (notes,)
    assert own.narrow(roots=(tmp_path,)).granted(other) == (charts,), "a wider folder adds nothing"
    assert own.narrow(roots=(other,)).granted(charts) == ()
    assert own.narrow(roots=()).granted(charts) == ()
    assert own.narrow(roots=(charts / "x" / ".." / ".." / "other",)).granted(charts) == ()
    both = FileSettings(roots=(charts, other)).narrow(roots=(tmp_path / "link", notes))
    assert both.granted(charts) == (notes, other)
    assert own.narrow(roots=(tmp_path,)).narrow(roots=(notes,)).granted(other) == (notes,)
    assert own.narrow(closed=(tmp_path / "link",)).narrow(roots=(notes,), closed=(notes,)).refused() == (other, notes)


def configuration(folder: Path, own: str, site: str) -> Configuration:
    variables = {"OPENMED_HOME": str(folder)}
    paths = find_paths(variables)
    paths.configuration.mkdir(parents=True)
    paths.configuration_file.write_text(own)
    (folder / "site.toml").write_text(site)
    return load_configuration(paths, variables, site=folder / "site.toml")


def test_the_site_sets_the_most_permissive_modes_and_forbids(tmp_path: Path) -> None:
    result = configuration(
        tmp_path,
        "[permissions]\nmode = 'auto'\nallow = ['write_file(~/drafts/**)']\n[privacy]\nphi_mode = 'full'\n",
        "[permissions]\nmaximum_mode = 'ask'\ndeny = ['write_file']\n"
        "[files]\nclosed = ['/srv/x']\n[privacy]\nminimum_phi_mode = 'deid'\n",
    )
    assert result.permissions.effective_mode is PermissionMode.ASK
    assert result.permissions.deny == ("write_file",)
    assert result.files.refused() == (Path("/srv/x"),)
    assert result.permissions.allow == (f"write_file({Path.home()}/drafts/**)",)
    assert result.privacy.effective_phi_mode == "deid"


@pytest.mark.parametrize(
    ("own", "where"),
    [
        ("[permissions]\nallow = ['write_file', 'planted(']", "permissions.allow.1"),
        ("[permissions]\ndeny = ['write_file(./planted)']", "permissions.deny.0"),
        ("[permissions]\nmode = 'acceptall'", "permissions.mode"),
        ("[files]\nroots = ['planted']", "files.roots.0"),
        ("[privacy]\nphi_mode = 'none'", "privacy.phi_mode"),
    ],
)
def test_a_wrong_rule_is_named_by_its_place(tmp_path: Path, own: str, where: str) -> None:
    with pytest.raises(InputError) as raised:
        configuration(tmp_path, own, "")
    assert raised.value.message.startswith(f"Setting {where}: ")
    assert "planted" not in str(raised.value)
