"""The permission policy: every mode with every kind of rule, grants that never grow, a project that only narrows."""

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.runtime.permission_grants import GRANTS_FILE, keep_grant, load_grants
from openmed_agent.runtime.permissions import Allow, Ask, Deny, Grant, PermissionPolicy, session_policy
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths, find_paths
from openmed_agent.settings.permission_patterns import parse_pattern
from openmed_agent.settings.permissions import PermissionMode, PermissionSettings
from openmed_agent.settings.project import load_project
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.tool import Family, NoArguments, Tool, ToolFacts, ToolResult

AUTO, ASK, DENY, PLAN = PermissionMode


async def never(_given: NoArguments, _context: ToolContext) -> ToolResult:
    raise AssertionError("a decision runs nothing")


def tool(name: str, family: Family = "files", *, read_only: bool = False, destructive: bool = False) -> Tool[Any]:
    facts = ToolFacts(read_only=read_only, destructive=destructive)
    return Tool(name=name, family=family, description="", arguments=NoArguments, facts=facts, run=never)


READ, WRITE = tool("read_file", read_only=True), tool("write_file")
REPLACE = tool("replace_file", destructive=True)
LYING = tool("lying_tool", read_only=True, destructive=True)
TOOLS = (READ, WRITE, REPLACE, LYING, tool("run_workflow", "workflows"), tool("write_note"))
FILE = "/charts/a/note.txt"


def policy(mode: PermissionMode, *, allow: str = "", ask: str = "", deny: str = "", **more: Any) -> PermissionPolicy:
    rules = {"allow": allow, "ask": ask, "deny": deny}
    parsed = {name: tuple(map(parse_pattern, text.split())) for name, text in rules.items()}
    return PermissionPolicy(mode=mode, **parsed, **more)


def answer(policy: PermissionPolicy, tool: Tool[Any], subject: str = FILE) -> type[Allow | Ask | Deny]:
    return type(policy.decide(tool, subject))


@pytest.mark.parametrize(
    ("mode", "read", "write", "replace"),
    [(AUTO, Allow, Allow, Ask), (ASK, Allow, Ask, Ask), (DENY, Allow, Deny, Deny), (PLAN, Allow, Deny, Deny)],
)
def test_the_mode_decides_what_no_rule_speaks_of(mode: PermissionMode, read: type, write: type, replace: type) -> None:
    bare = policy(mode)
    assert (answer(bare, READ), answer(bare, WRITE), answer(bare, REPLACE)) == (read, write, replace)
    assert answer(bare, LYING) is replace, "what says that it can lose something is no reader"


@pytest.mark.parametrize(("mode", "write"), [(AUTO, Allow), (ASK, Allow), (DENY, Allow), (PLAN, Deny)])
def test_an_allow_rule_opens_every_mode_but_plan(mode: PermissionMode, write: type) -> None:
    opened = policy(mode, allow="write_file(/charts/**) replace_file")
    assert answer(opened, WRITE) is write
    assert answer(opened, REPLACE) is write
    assert answer(opened, WRITE, "/other/x") is answer(policy(mode), WRITE, "/other/x")


def test_deny_beats_ask_beats_allow() -> None:
    for mode in PermissionMode:
        assert answer(policy(mode, allow="read*", ask="read*", deny="read*"), READ) is Deny
        assert answer(policy(mode, allow="read*", ask="read*"), READ) is Ask
    assert answer(policy(AUTO, allow="write_file", ask="write_file"), WRITE) is Ask
    assert answer(policy(DENY, allow="write_file", ask="write_file"), WRITE) is Deny
    assert answer(policy(ASK, allow="*", deny="write_file(/charts/**)"), WRITE) is Deny
    assert answer(policy(ASK, allow="*", deny="write_file(/charts/**)"), WRITE, "/x/../charts/b") is Deny
    assert answer(policy(ASK, allow="*", deny="write_file(/charts/**)"), WRITE, "/CHARTS/b") is Deny


@pytest.mark.parametrize(
    "name",
    ["approve_draft", "draft_approve", "sign", "sign_off_draft", "finalize_run", "grant_folder", "unlock_store"],
)
def test_no_rule_lets_a_tool_do_what_a_person_does(name: str) -> None:
    for read_only in (True, False):
        acting = tool(name, "workflows", read_only=read_only)
        for mode in PermissionMode:
            assert answer(policy(mode, allow="*", granted=frozenset({Grant(name, FILE)})), acting) is Deny


def test_names_that_only_sound_alike_are_not_held() -> None:
    for name in ("request_review", "list_signs", "significant_findings", "read_file"):
        assert answer(policy(ASK), tool(name, read_only=True)) is Allow


def test_records_and_settings_of_the_program_are_for_people(tmp_path: Path) -> None:
    paths = find_paths({"OPENMED_HOME": str(tmp_path / "home")})
    opened = session_policy(Configuration(permissions=PermissionSettings(mode=AUTO, allow=("*",))), paths=paths)
    for place in (paths.configuration_file, paths.root / "sessions" / "store.db", paths.root, paths.configuration):
        for one in (READ, WRITE):
            assert answer(opened, one, str(place)) is Deny
            assert answer(opened, one, str(place).upper()) is Deny
            assert answer(opened, one, f"{tmp_path}/x/../home/{place.relative_to(paths.root)}") is Deny
    for place in (
        "/p/.openmed/config.toml",
        "/p/OPENMED.md",
        "/p/openmed.MD",
        "/p/.OpenMed/x",
        "/p/.agents/skills/x/SKILL.md",
    ):
        assert answer(opened, WRITE, place) is Deny
        assert answer(opened, READ, place) is Allow
    assert answer(opened, WRITE, "/p/about OPENMED.md") is Allow


def test_a_grant_is_for_one_tool_and_one_subject() -> None:
    asked = policy(ASK)
    granted = asked.with_grant("write_file", "/charts/a/../a/note.txt")
    assert asked.decide(WRITE, FILE) != Allow()
    assert granted.decide(WRITE, FILE) == Allow()
    for other, subject in (
        (WRITE, "/charts/a/note.txt2"),
        (WRITE, "/charts/a"),
        (WRITE, "/CHARTS/a/note.txt"),
        (REPLACE, FILE),
        (WRITE, ""),
    ):
        assert answer(granted, other, subject) is Ask


def test_a_granted_path_with_stars_is_no_pattern() -> None:
    granted = policy(ASK).with_grant("write_file", "/charts/*")
    assert answer(granted, WRITE, "/charts/*") is Allow
    assert answer(granted, WRITE, "/charts/b") is Ask


def test_a_call_without_a_subject_is_allowed_once_only() -> None:
    asked = policy(ASK).decide(WRITE, "")
    assert isinstance(asked, Ask)
    assert asked.scopes == ("once",)
    assert answer(policy(ASK).with_grant("write_file", ""), WRITE, "") is Ask
    assert answer(policy(ASK, saved=frozenset({Grant("write_file", "")})), WRITE, "") is Ask


def test_an_answer_of_this_session_settles_a_rule_that_asks_and_one_for_always_does_not() -> None:
    asking = policy(AUTO, ask="write_file", saved=frozenset({Grant("write_file", FILE)}))
    decision = asking.decide(WRITE, FILE)
    assert isinstance(decision, Ask)
    assert decision.scopes == ("once", "session")
    assert asking.with_grant("write_file", FILE).decide(WRITE, FILE) == Allow()
    assert answer(policy(ASK, saved=frozenset({Grant("write_file", FILE)})), WRITE) is Allow


def test_a_grant_opens_neither_deny_nor_plan() -> None:
    assert answer(policy(ASK, deny="write_file").with_grant("write_file", FILE), WRITE) is Deny
    assert answer(policy(PLAN).with_grant("write_file", FILE), WRITE) is Deny


def test_unattended_nothing_waits_for_an_answer() -> None:
    for mode in PermissionMode:
        for one in TOOLS:
            assert answer(policy(mode, ask="read*", attended=False), one) is not Ask
    assert answer(policy(ASK, attended=False), WRITE) is Deny
    assert answer(policy(ASK, allow="write_file", attended=False), WRITE) is Allow
    assert answer(policy(AUTO, attended=False), WRITE) is Allow
    assert answer(policy(AUTO, attended=False), REPLACE) is Deny


def test_unattended_use_needs_its_own_word() -> None:
    desk = Configuration(permissions=PermissionSettings(mode=AUTO))
    assert session_policy(desk).mode is AUTO
    assert session_policy(desk, attended=False).mode is ASK
    assert session_policy(desk, attended=False, mode=AUTO).mode is AUTO
    assert session_policy(Configuration(permissions=PermissionSettings(mode=PLAN)), attended=False).mode is PLAN


def test_a_mode_above_the_limit_is_refused_in_one_sentence() -> None:
    narrowed = Configuration(permissions=PermissionSettings(mode=AUTO, maximum_mode=DENY))
    assert session_policy(narrowed).mode is DENY
    with pytest.raises(NotPermittedError, match="deny at most"):
        session_policy(narrowed, mode=ASK)
    assert session_policy(narrowed).with_mode(PLAN).with_mode(DENY).mode is DENY
    with pytest.raises(NotPermittedError):
        session_policy(narrowed).with_mode(AUTO)


def test_reasons_repeat_nothing_of_a_call() -> None:
    for mode in PermissionMode:
        for one in TOOLS:
            for rules in ({}, {"deny": "*"}, {"ask": "*"}):
                decision = policy(mode, attended=False, **rules).decide(one, FILE)
                assert "note" not in getattr(decision, "reason", "")


def test_rules_that_name_no_tool_are_found() -> None:
    rules = policy(ASK, allow="write_fil", deny="read* nothing*", ask="write_file(/x)")
    assert rules.idle_rules(one.name for one in TOOLS) == ("write_fil", "nothing")


PATTERNS = st.one_of(
    st.sampled_from(["*", "write*", "read_file", "run_workflow(chart_*)", "*(/charts/**)", "write_file(/charts/a/*)"]),
    st.builds("{}({})".format, st.sampled_from(["*", "read_file", "write*"]), st.sampled_from(["/**", FILE, "**/?*"])),
)
RULES = st.lists(PATTERNS, max_size=3).map(tuple)
MODES = st.sampled_from(list(PermissionMode))
CALLS = st.tuples(st.sampled_from(TOOLS), st.sampled_from(["", FILE, "/charts/a", "/other/x", "chart_summary"]))
RANK = {Deny: 0, Ask: 1, Allow: 2}


OWN = st.builds(PermissionSettings, mode=MODES, allow=RULES, ask=RULES, deny=RULES)
PROJECTS = st.one_of(
    st.builds("[permissions]\nmode = '{}'\nask = {}\ndeny = {}\n".format, MODES, RULES.map(list), RULES.map(list)),
    st.builds("[permissions]\n{} = {}\n".format, st.sampled_from(["ask", "deny", "allow"]), RULES.map(list)),
    st.text(max_size=20),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=PROJECTS, own=OWN, calls=st.lists(CALLS, max_size=4), granted=CALLS, saved=CALLS, attended=st.booleans())
def test_with_a_project_no_decision_is_more_permissive(
    tmp_path: Path,
    *,
    text: str,
    own: PermissionSettings,
    calls: list[tuple[Tool[Any], str]],
    granted: tuple[Tool[Any], str],
    saved: tuple[Tool[Any], str],
    attended: bool,
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    try:
        limits = load_project(file, tmp_path, tmp_path)
    except InputError:
        return  # the session does not start
    alone = Configuration(permissions=own)
    kept = [Grant(saved[0].name, saved[1])]
    before, after = (
        session_policy(configuration, saved=kept, attended=attended) for configuration in (alone, limits.tighten(alone))
    )
    for one, subject in (*calls, granted, saved):
        assert RANK[type(after.decide(one, subject))] <= RANK[type(before.decide(one, subject))]
    before, after = (policy.with_grant(granted[0].name, granted[1]) for policy in (before, after))
    for one, subject in (*calls, granted, saved):
        assert RANK[type(after.decide(one, subject))] <= RANK[type(before.decide(one, subject))]


@given(allow=RULES, ask=RULES, deny=RULES, call=CALLS, attended=st.booleans())
def test_the_modes_are_in_order(
    allow: tuple[str, ...],
    ask: tuple[str, ...],
    deny: tuple[str, ...],
    call: tuple[Tool[Any], str],
    attended: bool,  # noqa: FBT001
) -> None:
    rules = {"allow": " ".join(allow), "ask": " ".join(ask), "deny": " ".join(deny)}
    ranks = [RANK[type(policy(mode, attended=attended, **rules).decide(*call))] for mode in PermissionMode]
    assert ranks == sorted(ranks, reverse=True)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return find_paths({"OPENMED_HOME": str(tmp_path / "home")})


def test_what_was_allowed_for_always_is_kept_exactly(paths: Paths) -> None:
    assert load_grants(paths) == frozenset()
    subjects = [
        FILE,
        '/a"b\\c',
        "/n\u00e9\u4e2d\U0001f600",
        "/line\nbreak\x7f\x00\t",
        "",
        "'''",
        ']]\n[[always]]\ntool = "x"',
    ]
    for subject in (*subjects, FILE):
        keep_grant(paths, Grant("write_file", subject))
    assert load_grants(paths) == {Grant("write_file", subject) for subject in subjects}
    file = paths.configuration / GRANTS_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one.name for one in paths.configuration.iterdir()} <= {GRANTS_FILE, "permissions.lock"}


def test_what_a_person_wrote_into_the_file_stays(paths: Paths) -> None:
    keep_grant(paths, Grant("write_file", FILE))
    file = paths.configuration / GRANTS_FILE
    mine = b"# mine\n" + file.read_bytes().rstrip(b"\n") + b" # as discussed"
    file.write_bytes(mine)
    keep_grant(paths, Grant("write_file", "/b"))
    assert file.read_bytes().startswith(mine)
    assert load_grants(paths) == {Grant("write_file", FILE), Grant("write_file", "/b")}


@pytest.mark.parametrize(
    "text", ["always = 1", "[[always]]\ntool = 'x'", "[[always]]\ntool = 'x'\nsubject = ''\nmore = 1", "["]
)
def test_a_damaged_file_grants_nothing_and_is_not_written_over(paths: Paths, text: str) -> None:
    keep_grant(paths, Grant("write_file", FILE))
    file = paths.configuration / GRANTS_FILE
    file.write_text(text)
    with pytest.raises(InputError, match=r"permissions\.toml"):
        load_grants(paths)
    with pytest.raises(InputError):
        keep_grant(paths, Grant("write_file", "/b"))
    assert file.read_text() == text


def test_a_file_that_others_could_have_written_grants_nothing(paths: Paths) -> None:
    keep_grant(paths, Grant("write_file", FILE))
    file = paths.configuration / GRANTS_FILE
    file.chmod(0o666)
    with pytest.raises(StoreError):
        load_grants(paths)


def test_a_name_that_is_no_text_is_not_kept_for_always(paths: Paths) -> None:
    with pytest.raises(InputError, match="for this session"):
        keep_grant(paths, Grant("write_file", "/a\udcff"))
    assert load_grants(paths) == frozenset()


def test_nothing_shown_of_a_decision_holds_the_subject() -> None:
    assert "note" not in repr(Grant("write_file", FILE))
    assert "note" not in repr(policy(ASK).with_grant("write_file", FILE))
