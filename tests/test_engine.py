"""Templates: one door for values, and errors that name the line."""

import os
import shutil

import jinja2
import pytest

from conftest import ROOT
from generator.errors import RenderError
from generator.model.hcl import Identifier
from generator.render.engine import TEMPLATES, Templates


@pytest.fixture
def rendered(tmp_path):
    """Render the text of one template with a context."""

    def render(text, **context):
        (tmp_path / "x.tf.j2").write_text(text)
        templates = Templates(tmp_path)
        text = templates.text("x.tf.j2", context)
        templates.keep()
        return text

    return render


@pytest.mark.parametrize("value", ["text", 1, None, True, [1], {"a": 1}])
def test_only_hcl_and_identifiers_are_printed_bare(rendered, value):
    with pytest.raises(RenderError, match=r"^templates/x.tf.j2:2: a bare \w+ cannot be printed"):
        rendered("\na = {{ value }}\n", value=value)


def test_values_come_through_the_door(rendered):
    text = rendered(
        '{{ value | hcl }} "{{ name }}"\n{{ {"a": value} | attributes }}\n'
        "# {{ value | comment }}\n",
        value="${a}\nb",
        name=Identifier("prod"),
    )

    assert text == '"$${a}\\nb" "prod"\n  a = "$${a}\\nb"\n# ${a} b\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if %}", r"templates/x.tf.j2:1: "),
        ("\n\n{{ nowhere | hcl }}", r"templates/x.tf.j2:3: 'nowhere' is undefined"),
        ("\n{{ nowhere }}", r"templates/x.tf.j2:2: 'nowhere' is undefined"),
        ("{{ 1 | attributes }}", r"templates/x.tf.j2:1: no HCL form for the attributes of int"),
        ("{{ f | hcl }}", r"templates/x.tf.j2:1: no HCL form for function"),
        ('{% include "gone.j2" %}', r"templates/x.tf.j2:1: 'gone.j2' not found"),
        ('{{ "a" ~ 1 }}', r"templates/x.tf.j2:1: a bare str cannot be printed"),
    ],
)
def test_mistake_in_a_template_names_its_line(rendered, text, message):
    with pytest.raises(RenderError, match=f"^{message}"):
        rendered(text, f=lambda: None)


def test_missing_template_is_named(tmp_path):
    with pytest.raises(RenderError, match=r"^templates/gone.j2:1: 'gone.j2' not found"):
        Templates(tmp_path).text("gone.j2", {})


def test_fault_in_code_keeps_its_traceback(rendered):
    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rendered("{{ fails() | hcl }}", fails=fails)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Give the user a cache folder; return the files in it."""
    home = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    return lambda: [path for path in home.rglob("*") if path.is_file()]


def test_compiled_templates_are_kept_in_the_users_cache(rendered, kept, tmp_path):
    rendered("a\n")

    assert len(kept()) == 1
    assert (tmp_path / "cache" / "tapgen").stat().st_uid == os.getuid()


def test_template_is_compiled_once_as_long_as_its_text_stays(rendered, kept, monkeypatch):
    compiled = []
    compile_ = jinja2.Environment.compile
    monkeypatch.setattr(
        jinja2.Environment, "compile", lambda *given: compiled.append(given[1]) or compile_(*given)
    )

    assert [rendered(text) for text in ("a\n", "a\n", "b\n", "b\n")] == ["a\n"] * 2 + ["b\n"] * 2
    assert compiled == ["a\n", "b\n"]
    assert len(kept()) == 1


@pytest.mark.parametrize("damage", ["cut off", "changed", "a folder", "no cache folder"])
def test_unusable_cache_costs_time_only(rendered, kept, tmp_path, damage):
    rendered("a\n")
    [path] = kept()
    content = path.read_bytes()
    match damage:
        case "cut off":
            path.write_bytes(content[:-1])
        case "changed":
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "a folder":
            path.unlink()
            path.mkdir()
        case "no cache folder":
            shutil.rmtree(tmp_path / "cache")
            (tmp_path / "cache").write_text("")

    assert rendered("a\n") == "a\n"


TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.j2"))


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_template_keeps_to_the_rules(path):
    lines = path.read_text().splitlines()
    tags = [line.strip() for line in lines if "{%" in line]

    assert "{%-" not in path.read_text()
    assert "-%}" not in path.read_text()
    assert all(tag.startswith("{%") and tag.endswith("%}") and tag.count("{%") == 1 for tag in tags)
    assert not any(tag.startswith("{% set") for tag in tags)
    if not path.name.startswith("_"):  # a part that others include
        assert lines[0] == "{{ header }}"


def test_templates_are_those_of_the_repository():
    assert TEMPLATES == ROOT / "templates"
