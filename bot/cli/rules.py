"""`dinghr rules`: the calculators without a database."""

import json
from pathlib import Path

from cyclopts import App

from bot.cli.show import as_json, fail, json_text, line

app = App(name="rules", help="The calculators, without a database.")


@app.command
def run(file: Path, *, out: Path | None = None) -> None:
    """Run the rows of a file ({"vectors":[{"id","kind","inputs"}]}); a bad row gets an error, the others still run."""
    from hr_core import vectors  # noqa: PLC0415 - a robot doesn't load them

    try:
        document = json.loads(file.read_text("utf-8-sig"), parse_constant=str)  # NaN is no number of ours
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)
    except (ValueError, RecursionError) as error:
        fail(f"{file}: not JSON: {error}", 2)
    if not isinstance(document, dict) or not isinstance(document.get("vectors"), list):
        fail(f'{file}: expected an object with "vectors", a list of rows', 2)
    results = vectors.run(document)
    if out is None:
        as_json(results)
        return
    try:
        out.write_text(json_text(results, "utf-8"), "utf-8")
    except OSError as error:
        fail(f"--out {out}: {error.strerror}", 2)
    line(f"{out}: {len(results['results'])} rows")
