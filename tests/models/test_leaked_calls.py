"""Calls that a server left in the text are recognised; what a clinician reads and asks for is not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.models.leaks import looks_like_leaked_call

LEAKED = {
    "Hermes": '<tool_call>\n{"name": "list_files", "arguments": {"folder": "notes"}}\n</tool_call>',
    "Hermes after prose": 'I will look.\n\n<tool_call>{"name": "list_files", "arguments": {}}</tool_call>',
    "Qwen Coder": "<tool_call>\n<function=list_files>\n<parameter=folder>\nnotes\n</parameter>\n</function>",
    "GLM": "<tool_call>list_files\n<arg_key>folder</arg_key>\n<arg_value>notes</arg_value>\n</tool_call>",
    "MiniMax": '<minimax:tool_call>\n<invoke name="list_files">\n</invoke>\n</minimax:tool_call>',
    "Mistral": '[TOOL_CALLS][{"name": "list_files", "arguments": {"folder": "notes"}}]',
    "Mistral, newer": 'Let me see.[TOOL_CALLS]list_files[ARGS]{"folder": "notes"}',
    "Llama": '<|python_tag|>{"name": "list_files", "parameters": {"folder": "notes"}}',
    "Llama, own functions": '<function=list_files>{"folder": "notes"}</function>',
    "Llama, pythonic": '[list_files(folder="notes")]',
    "DeepSeek": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>list_files\n{}",
    "Kimi": '<|tool_calls_section_begin|><|tool_call_begin|>functions.list_files:0<|tool_call_argument_begin|>{}',
    "Kimi, bare": 'functions.list_files:0 {"folder": "notes"}',
    "Harmony": 'assistant to=functions.list_files commentary json {"folder": "notes"}',
    "TypeScript": 'functions.list_files({"folder": "notes"})',
    "Gemini": '```tool_code\nprint(default_api.list_files(folder="notes"))\n```',
    "Gemma": "<start_function_call>call:list_files{folder:notes}<end_function_call>",
    "Anthropic": 'call\n<invoke name="list_files">\n<parameter name="folder">notes</parameter>\n</invoke>',
    "bare JSON": '{"name": "list_files", "arguments": {"folder": "notes"}}',
    "bare JSON, text arguments": '{"name": "list_files", "arguments": "{\\"folder\\": \\"notes\\"}"}',
    "bare JSON, parameters": '{"name": "list_files", "parameters": {"folder": "notes"}}',
    "bare JSON, OpenAI": '{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}',
    "bare JSON, list": '[{"name": "list_files", "arguments": {}}, {"name": "read_file", "arguments": {"path": "a"}}]',
    "bare JSON, in a row": '{"name": "list_files", "arguments": {}}\n{"name": "read_file", "arguments": {}}',
    "bare JSON, tool_calls": '{"tool_calls": [{"name": "list_files", "arguments": {}}]}',
    "fenced JSON": 'I call the tool:\n\n```json\n{"name": "list_files", "arguments": {"folder": "notes"}}\n```\n',
    "JSON after prose": 'First I list the files.\n{"name": "list_files", "arguments": {"folder": "notes"}}',
    "ReAct": '{"action": "list_files", "action_input": {"folder": "notes"}}',
}  # fmt: skip

ORDINARY = {
    "prose": "The patient takes metformin 500 mg twice daily. A1c was 7.2 % in March (see progress_note.txt).",
    "a list": "1. Hypertension (I10)\n2. Type 2 diabetes [E11.9]\n3. CKD stage 3a (N18.31)",
    "brackets": "[x] Reviewed allergies (penicillin)\n[ ] Follow up (2 weeks)",
    "a formula": "f(x) = a*x + b, and BMI = weight / (height * height)",
    "a value in brackets": "[Na+ (138)]",
    "a table": "| drug | dose |\n|---|---|\n| lisinopril | 10 mg |",
    "a FHIR name": '{"resourceType": "Patient", "name": [{"family": "Rossi", "given": ["Ada"]}]}',
    "JSON that was asked for": '```json\n{"name": "metformin", "dose": "500 mg", "frequency": "twice daily"}\n```',
    "JSON with parameters": '{"name": "metformin", "parameters": {"dose_mg": 500}}',
    "JSON list": '[{"name": "Ada Rossi", "input": "chart.txt"}, {"name": "Bo Li", "input": "b.txt"}]',
    "FHIR Parameters": '{"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "I10"}]}',
    "a workflow": '{"workflow": "chart_summary", "arguments": {"note_path": "a.txt"}}',
    "a person's type": '{"type": "object", "name": "list_files"}',
    "a question about it": "Hermes models write a call between `<tool_call>` and `</tool_call>` tags.",
    "about Mistral": "The marker `[TOOL_CALLS]` introduces calls of Mistral's models.",
    "about Llama": "Llama starts a call with the token `<|python_tag|>`, which should never be visible.",
    "code": "```python\ndef list_files(folder):\n    return os.listdir(folder)\n```",
    "a call in code": "```python\nprint(list_files('notes'))\n```",
    "functions": "The functions of the liver (ALT 40) and kidney (GFR 60) are good. functions.\nAll other functions.",
    "less than": "eGFR <60, BP <130/80, INR <2. Function=normal. <function>",
    "an ECG": "Rhythm: sinus (rate 72)\nAxis: normal (30 degrees)",
    "broken JSON": '{"name": "list_files", "arguments": ',
    "empty": "",
    "numbers": "[1, 2, 3]",
    "empty list": "[]",
}  # fmt: skip


@pytest.mark.parametrize("text", LEAKED.values(), ids=LEAKED.keys())
def test_a_leaked_call_is_recognised(text: str) -> None:
    assert looks_like_leaked_call(text)
    assert looks_like_leaked_call(f"\n {text}\n")


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY.keys())
def test_an_ordinary_answer_is_none(text: str) -> None:
    assert not looks_like_leaked_call(text)


def test_with_the_names_of_tools_a_plain_call_counts_and_other_json_does_not() -> None:
    names = ("lookup", "list_files")
    assert looks_like_leaked_call('lookup(code="I10")', names)
    assert looks_like_leaked_call('[lookup(code="I10"), list_files()]', names)
    assert looks_like_leaked_call('{"name": "lookup"}', names)
    assert not looks_like_leaked_call('lookup(code="I10")')
    assert not looks_like_leaked_call('search(code="I10")', names)
    assert not looks_like_leaked_call('{"name": "metformin_er", "parameters": {"dose": 500}}', names)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('<|tool_call>{}[]"`:()\n abcfunctions.=/'), max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    assert looks_like_leaked_call(text) in {True, False}


@pytest.mark.parametrize(
    "unit", ["<tool_call>", "[TOOL_CALLS]", "{", '[{"name":', "```\n{", "functions.", "[a_a(", " \n", '{"a":1}\n']
)
def test_a_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    looks_like_leaked_call(text)
    assert time.process_time() - began < 2.0
