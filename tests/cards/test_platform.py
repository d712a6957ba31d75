"""The description, the files generated from it, and what official exports look like agree."""

import json
from typing import Any

import pytest

from cards.platform.__main__ import outputs
from cards.platform.editor import export
from cards.platform.model import Button, Form, Input, Loop, Template, Text, When
from cards.platform.templates import FORM, NOTICE, REPORT, TEMPLATES
from cards.view import Button as ViewButton
from cards.view import FormView, NoticeView, card_params
from tests.cards import platform_shapes as shapes

SHAPES: dict[str, Any] = json.loads(shapes.SUMMARY.read_text("utf-8"))
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)


def file_of(template: Template) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(export(template))
    return envelope


def editor_of(template: Template) -> dict[str, Any]:
    editor: dict[str, Any] = json.loads(file_of(template)["editorData"])
    return editor


def components_of(template: Template) -> list[dict[str, Any]]:
    (root,) = editor_of(template)["schema"]["componentsTree"]
    return list(shapes.nodes(root))


def fits(value: dict[str, Any], shape: dict[str, dict[str, str]], where: str) -> list[str]:
    """Name what is missing from a value, unknown to the samples, or of a type they don't have."""
    known = shape["always"] | shape["sometimes"]
    wrong = [f"{where}: {key} is missing" for key in shape["always"] if key not in value]
    for key, content in value.items():
        if key not in known:
            wrong.append(f"{where}: {key} is in no sample")
        elif shapes.kind(content) not in known[key].split(" | "):
            wrong.append(f"{where}: {key} is {shapes.kind(content)}, not {known[key]}")
    return wrong


class TestTheDescription:
    @each_template
    def test_every_variable_is_used_and_nothing_else_is(self, template: Template) -> None:
        described = {item.name for item in template.variables}
        described |= {f"{item.name}.{field.name}" for item in template.variables for field in item.fields}

        assert template.uses() == described

    @each_template
    def test_an_example_has_the_fields_that_are_described(self, template: Template) -> None:
        for item in template.variables:
            if item.type != "objects":
                continue
            assert isinstance(item.example, list)
            for entry in item.example:
                assert isinstance(entry, dict)
                assert set(entry) == {field.name for field in item.fields}

    def test_the_robot_sends_exactly_the_variables_of_the_form(self) -> None:
        sent = card_params(FormView("t", "1.leave.0"))

        assert set(sent) == {item.name for item in FORM.variables}

    def test_the_robot_sends_exactly_the_variables_of_the_notice(self) -> None:
        view = NoticeView("t", "1.leave.1", fields=(("l", "t"),), buttons=(ViewButton("approve", "同意", "同意 1"),))
        sent = card_params(view)

        assert set(sent) == {item.name for item in NOTICE.variables}
        for name in ("fields", "buttons"):
            (entry,) = json.loads(sent[name])
            assert set(entry) == {field.name for field in NOTICE.variable(name).fields}

    def test_a_loops_field_outside_a_loop_is_an_error(self) -> None:
        stray = Template("notice", "t", "p", (), (Text("stray", "${loop.text}"),))

        with pytest.raises(ValueError, match="outside a loop"):
            stray.uses()


class TestBehaviour:
    def test_the_form_gives_way_to_the_status(self) -> None:
        shown = {type(item): item.when for item in FORM.components if isinstance(item, Form)}
        statuses = [item.when for item in FORM.components if isinstance(item, Text) and item.text == "${status}"]

        assert shown == {Form: When("status", "empty")}
        assert statuses == [When("status", "not empty")]

    def test_the_form_posts_under_the_action_id_that_the_robot_expects(self) -> None:
        (form,) = (node for node in components_of(FORM) if node["componentName"] == "Form")

        assert form["props"]["id"] == "form"
        assert form["props"]["formSchema"]["variable"] == "form"
        assert form["props"]["actionType"] == "request"

    @pytest.mark.parametrize(
        ("template", "sent"),
        [
            (NOTICE, {"action": "buttons[0].id", "ref": "ref", "comment": "comment"}),
            (REPORT, {"action": "buttons[0].id", "ref": "ref"}),
        ],
        ids=["notice", "report"],
    )
    def test_a_button_posts_its_own_id_and_the_cards_ref(self, template: Template, sent: dict[str, str]) -> None:
        buttons = [node["props"] for node in components_of(template) if node["componentName"] == "SingleButton"]

        assert [button["actionType"] for button in buttons] == ["request", "request"]
        for button in buttons:
            assert {param["name"]: param["variable"] for param in button["params"]} == sent

    @pytest.mark.parametrize("template", [NOTICE, REPORT], ids=["notice", "report"])
    def test_an_entry_shows_one_of_its_two_buttons(self, template: Template) -> None:
        (loop,) = (item for item in template.components if isinstance(item, Loop) and item.variable == "buttons")
        states = {(item.disabled, item.when) for item in loop.children if isinstance(item, Button)}

        assert states == {(False, When("loop.disabled", "false")), (True, When("loop.disabled", "true"))}

    def test_a_comment_is_asked_for_only_when_the_card_says_so(self) -> None:
        (item,) = (item for item in NOTICE.components if isinstance(item, Input))

        assert item.when == When("ask_comment", "true")

    def test_what_is_typed_stays_on_the_device_until_a_button_sends_it(self) -> None:
        (item,) = (node["props"] for node in components_of(NOTICE) if node["componentName"] == "Input")

        assert item["actionType"] == "setLocalState"
        assert item["localVarAction"]["variable"] == "comment"
        assert [entry["name"] for entry in editor_of(NOTICE)["localList"]] == ["comment"]


class TestTheFiles:
    def test_the_committed_files_are_what_the_generator_makes(self) -> None:
        for path, text in outputs().items():
            assert path.read_text("utf-8") == text, f"{path.name} is stale; run: python -m cards.platform"

    @each_template
    def test_the_envelope_and_its_parts_are_shaped_like_an_export(self, template: Template) -> None:
        editor = editor_of(template)

        assert not fits(file_of(template), SHAPES["envelope"], "file")
        assert not fits(editor, SHAPES["editorData"], "editorData")
        assert not fits(editor["schema"], SHAPES["schema"], "schema")
        assert not fits(editor["extension"], SHAPES["extension"], "extension")
        assert set(SHAPES["mockData"]) <= set(editor["mockData"])

    @each_template
    def test_nothing_is_passed_off_as_compiled(self, template: Template) -> None:
        envelope = file_of(template)

        assert (envelope["widgetInfo"], envelope["type"], envelope["mode"]) == ("", "im", "card")

    @each_template
    def test_every_component_is_shaped_like_those_of_the_samples(self, template: Template) -> None:
        wrong: list[str] = []
        for node in components_of(template):
            name = node["componentName"]
            wrong += fits(node, SHAPES["components"][name]["node"], name)
            wrong += fits(node["props"], SHAPES["components"][name]["props"], f"{name}.props")

        assert not wrong

    @each_template
    def test_every_value_is_shaped_like_those_of_the_samples(self, template: Template) -> None:
        found = list(shapes.values(components_of(template)))

        assert found
        assert not [line for own, value in found for line in fits(value, SHAPES["values"][own], own)]

    @each_template
    def test_every_word_is_one_that_the_samples_use(self, template: Template) -> None:
        for value in shapes.objects(editor_of(template)):
            for key in shapes.WORDS:
                if key in value:
                    assert value[key] in SHAPES["words"][key]

    @each_template
    def test_every_variable_is_declared_like_those_of_the_samples(self, template: Template) -> None:
        editor = editor_of(template)
        declared = list(shapes.variables([*editor["variableList"], *editor["localList"]]))

        assert not [line for item in declared for line in fits(item, SHAPES["variable"], item["id"])]
        assert {item["type"] for item in declared} <= set(SHAPES["variable types"])

    @each_template
    def test_every_path_the_file_binds_is_declared_in_it(self, template: Template) -> None:
        editor = editor_of(template)
        declared = {item["id"] for item in shapes.variables([*editor["variableList"], *editor["localList"]])}
        bound = {value["variable"] for value in shapes.objects(editor["schema"]) if value.get("variable")}

        assert bound
        assert bound <= declared

    @each_template
    def test_every_component_is_listed_once_and_ids_are_unique(self, template: Template) -> None:
        nodes = components_of(template)
        packages = editor_of(template)["schema"]["componentsMap"]

        assert sorted(item["componentName"] for item in packages) == sorted({node["componentName"] for node in nodes})
        assert len({node["id"] for node in nodes}) == len(nodes)
        assert not [line for item in packages for line in fits(item, SHAPES["component package"], "package")]

    @each_template
    def test_the_previews_values_cover_every_variable(self, template: Template) -> None:
        mock = editor_of(template)["mockData"]

        assert set(mock["cardData"]) == {item.name for item in template.variables if not item.local}
        assert set(mock["localData"]) == {item.name for item in template.variables if item.local}


class TestTheRecipe:
    def test_it_names_every_variable_setting_and_click(self) -> None:
        (recipe,) = (text for path, text in outputs().items() if path.suffix == ".md")

        for template in TEMPLATES:
            assert template.setting in recipe
            for item in template.variables:
                assert f"`{item.name}`" in recipe
        for sent in ("`action` = `${loop.id}`", "`ref` = `${ref}`", "`comment` = `${comment}`"):
            assert sent in recipe

    def test_it_says_what_was_not_tried(self) -> None:
        (recipe,) = (text for path, text in outputs().items() if path.suffix == ".md")

        assert "没有在真实的钉钉平台上试过" in recipe
        assert "覆盖" in recipe
        assert "不能再改" in recipe
