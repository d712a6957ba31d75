"""Sums up what exported card templates have in common: key paths and types, no content.

`python -m tests.cards.platform_shapes CHECKOUT` reads a checkout of `open-dingtalk/dingtalk-card-examples` and writes
`platform_shapes.json` beside this file. Only exports of the builder's current schema (3.0.0) count. In a summary
`always` are the keys that every sample has, `sometimes` those that some have; each key has the types seen.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SUMMARY = Path(__file__).with_name("platform_shapes.json")
COMPONENTS = ("BaseText", "Card", "Chart", "Form", "Input", "Loop", "Markdown", "SingleButton", "Table")
WORDS = ("actionType", "editorVarType", "op", "valueType", "variableType")
"""Keys whose values are words of the builder's own; these words are part of the shape."""
VALUE = re.compile(r"dynamic[A-Z][A-Za-z]+|variableValue|variable|fixed|icon")
"""Types of the builder's own value objects; any other object is just an object."""


def kind(value: Any) -> str:
    """Name a value's type; a value object, such as a `dynamicString`, is named by its own."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case {"type": str(own)} if VALUE.fullmatch(own):
            return own
        case _:
            return "object"


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a component and everything in it."""
    yield node
    for child in node.get("children", ()):
        yield from nodes(child)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Give every object inside a value, the outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def variables(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give every variable, those inside another too."""
    for entry in entries:
        yield entry
        yield from variables(entry.get("schema", ()))


def values(components: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every value object among the components' properties, with its type."""
    for component in components:
        for value in objects(component["props"]):
            own = value.get("type")
            if isinstance(own, str) and VALUE.fullmatch(own):
                yield own, value


def shape(samples: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Give the keys that all and that some of the samples have, with their types."""
    rows = list(samples)
    seen: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            seen.setdefault(key, set()).add(kind(value))
    parts: dict[str, dict[str, str]] = {"always": {}, "sometimes": {}}
    for key in sorted(seen):
        part = "always" if all(key in row for row in rows) else "sometimes"
        parts[part][key] = " | ".join(sorted(seen[key]))
    return parts


def summarise(files: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Sum up exports, each as read from its file."""
    envelopes: list[dict[str, Any]] = []
    editors: list[dict[str, Any]] = []
    for envelope in files:
        editor = json.loads(envelope["editorData"])
        if editor["schemaVersion"] == "3.0.0":
            envelopes.append(envelope)
            editors.append(editor)
    trees = [tree for editor in editors for tree in editor["schema"]["componentsTree"]]
    by_name: dict[str, list[dict[str, Any]]] = {name: [] for name in COMPONENTS}
    for tree in trees:
        for node in nodes(tree):
            if node["componentName"] in by_name:
                by_name[node["componentName"]].append(node)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for own, value in values(node for found in by_name.values() for node in found):
        by_type.setdefault(own, []).append(value)
    words: dict[str, set[str]] = {key: set() for key in WORDS}
    for value in objects(editors):
        for key in WORDS:
            if isinstance(value.get(key), str):
                words[key].add(value[key])
    listed = [item for editor in editors for item in (*editor["variableList"], *editor["localList"])]
    return {
        "exports": len(editors),
        "envelope": shape(envelopes),
        "editorData": shape(editors),
        "schema": shape(editor["schema"] for editor in editors),
        "mockData": sorted(set.intersection(*(set(editor["mockData"]) for editor in editors))),
        "extension": shape(editor["extension"] for editor in editors),
        "component package": shape(item for editor in editors for item in editor["schema"]["componentsMap"]),
        "variable": shape(variables(listed)),
        "variable types": sorted({item["type"] for item in variables(listed)}),
        "words": {key: sorted(found) for key, found in words.items()},
        "values": {own: shape(found) for own, found in sorted(by_type.items())},
        "components": {
            name: {"node": shape(found), "props": shape(node["props"] for node in found)}
            for name, found in by_name.items()
        },
    }


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """Read every exported template below a folder."""
    for path in sorted(folder.rglob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict) and "editorData" in content:
            yield content


if __name__ == "__main__":
    SUMMARY.write_text(json.dumps(summarise(read(Path(sys.argv[1]))), indent=1) + "\n", "utf-8")
