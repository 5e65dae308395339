"""The least PHI mode of the settings holds for every command that takes one, and their mode is the default."""

import pytest
from command_line import EXAMPLES, Machine

NOTE = EXAMPLES / "progress_note.txt"


@pytest.mark.parametrize(
    "command",
    [
        ("run", "chart_summary", "--input", f"note_path={NOTE}", "--phi-mode", "full"),
        ("literature", "search", "asthma", "--phi-mode", "full"),
        ("-p", "Hello", "--model", "scripted-model", "--phi-mode", "full"),
    ],
)
def test_a_mode_below_the_least_is_refused_before_anything_runs(bare: Machine, command: tuple[str, ...]) -> None:
    bare.settings("[privacy]\nminimum_phi_mode = 'deid'\n[literature]\nenabled = true\n")
    nowhere = "http://127.0.0.1:9"
    variables = dict.fromkeys(("OPENMED_INFERENCE_URL", "OPENMED_MED_CODES_API_URL", "OPENAI_BASE_URL"), nowhere)
    outcome = bare.openmed(*command, **variables, OPENAI_API_KEY="planted")
    assert outcome.status == 4, outcome.stderr
    assert "asks for deid at least" in outcome.stderr


def test_strict_settings_are_the_default_of_a_run(bare: Machine) -> None:
    bare.settings("[privacy]\nphi_mode = 'strict'\n")
    remote = {"OPENMED_INFERENCE_URL": "https://planted.example"}
    outcome = bare.openmed("run", "chart_summary", "--input", f"note_path={NOTE}", **remote)
    assert outcome.status == 4
    assert "strict mode" in outcome.stderr


def test_the_project_that_one_stands_in_narrows_a_run(bare: Machine) -> None:
    project = bare.folder / ".openmed"
    project.mkdir()
    (project / "config.toml").write_text("[privacy]\nphi_mode = 'strict'\n")
    wider = bare.openmed("run", "chart_summary", "--input", f"note_path={NOTE}", "--phi-mode", "full")
    assert wider.status == 4
    assert "asks for strict at least" in wider.stderr
    remote = {"OPENMED_INFERENCE_URL": "https://planted.example"}
    silent = bare.openmed("run", "chart_summary", "--input", f"note_path={NOTE}", **remote)
    assert silent.status == 4
    assert "strict mode" in silent.stderr
