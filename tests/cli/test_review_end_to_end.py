import json

from command_line import Machine

PASSPHRASE = "tulip anvil harbour 73 quartz"


def test_from_a_note_to_a_verified_bundle(machine: Machine) -> None:
    out = machine.folder.resolve() / "bundle"
    run = machine.openmed("run", "chart_summary", "--input", "note_path=note.txt", "--out", out, "--json")
    draft = run.json()
    made = machine.openmed("reviewer", "create", "Dr. Ada Quill", "--passphrase-fd", "0", stdin=PASSPHRASE)
    assert made.status == 0, made.stderr
    decisions = machine.openmed("review", draft["draft_id"], "--decisions-template").json()
    for number, one in enumerate(decisions["decisions"]):
        rejected = number % 9 == 4
        one["action"] = "reject" if rejected else "accept"
        if rejected or "reason" in one:
            one["reason"] = "compared with the chart"
    (machine.folder / "decisions.json").write_text(json.dumps(decisions))
    script = ("--decisions", "decisions.json", "--reviewer", "Dr. Ada Quill", "--passphrase-fd", "0")
    signed = machine.openmed("review", draft["draft_id"], *script, "--approval-file", "approval", stdin=PASSPHRASE)
    assert signed.status == 0, signed.stderr
    written = machine.openmed("finalize", draft["draft_id"], "--approval-file", "approval", "--json").json()
    assert written["destination"] == str(out)  # the one that the run asked for
    report = machine.openmed("verify", out, "--json").json()
    assert report["trusted"] is True
    rejected = sum(1 for one in decisions["decisions"] if one["action"] == "reject")
    assert report["draft"]["items"] == len(draft["items"]) - rejected
    difference = machine.openmed("runs", "diff", f"{draft['draft_id']}@1", out, "--json").json()
    assert (len(difference["removed"]), len(difference["added"])) == (rejected, 0)
    assert machine.openmed("audit", "verify").status == 0
