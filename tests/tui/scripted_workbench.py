"""A working process with a script: speaks the wire on its standard streams and answers each kind as a file says.

The file is a JSON object by kind of request: ``{"reply": {...}}``, ``{"parts": [...]}``, ``{"refusal": {...}}`` or
``{"silent": true}``; a list of those is used one after the other, its last one again and again. A kind that the file
does not name is refused. With ``record`` beside it, every order is appended to that file as a line.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    script: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    record = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    for line in sys.stdin:
        order = json.loads(line)
        if record is not None:
            with record.open("a") as stream:
                stream.write(line)
        if not order.get("cancel"):
            for answer in answers(script, order):
                print(json.dumps({"number": order["number"], **answer}), flush=True)


def answers(script: dict[str, Any], order: dict[str, Any]) -> list[dict[str, Any]]:
    step = script.get(order["kind"])
    if isinstance(step, list):
        step = step.pop(0) if len(step) > 1 else step[0]
    if step is None:
        return [{"refusal": {"message": f"{order['kind']} is not in the script."}}]
    if step.get("silent"):
        return []
    if "parts" in step:
        return [*({"part": part} for part in step["parts"]), *([] if step.get("open") else [{"ended": True}])]
    return [{key: step[key]} for key in ("reply", "refusal") if key in step]


if __name__ == "__main__":
    main()
