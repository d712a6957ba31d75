"""`python -m cards.platform`: write the files to import and the recipe anew from the description."""

import sys
from collections.abc import Mapping
from pathlib import Path

from cards.platform.editor import export
from cards.platform.recipe import recipe
from cards.platform.templates import TEMPLATES

_HERE = Path(__file__).parent


def outputs() -> Mapping[Path, str]:
    """Give every generated file with its text."""
    exports = {_HERE / "exports" / f"{template.name}.json": export(template) for template in TEMPLATES}
    return {**exports, _HERE / "recipe.zh-CN.md": recipe(TEMPLATES)}


def main() -> None:
    """Write what is generated and name each file."""
    for path, text in outputs().items():
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(_HERE.parent.parent)}\n")


if __name__ == "__main__":
    main()
