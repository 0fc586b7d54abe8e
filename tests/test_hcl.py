"""Values as HCL, held against Terraform's own formatter."""

import random
import subprocess
from http import HTTPMethod
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import needs_terraform
from generator.model.hcl import Hcl, Identifier, Ref, attributes, comment, hcl, quoted

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(exclude_categories=("Cc", "Cs"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc_-. /1", min_size=1, max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("a", '"a"'),
        (Ref("var.x"), "var.x"),
        (Hcl("1 + 1"), "1 + 1"),
        (Identifier("prod"), '"prod"'),
        ([], "[]"),
        ({}, "{}"),
        (("a", 1), '["a", 1]'),
        ('say "hi"\\\n\t', r'"say \"hi\"\\\n\t"'),
        ("${path.root}", '"$${path.root}"'),
        ("%{ if true }", '"%%{ if true }"'),
        ("ü", '"ü"'),
        ({Hcl("aws.x"): Ref("aws.x")}, "{\n  aws.x = aws.x\n}"),
        (MappingProxyType({"a": 1}), "{\n  a = 1\n}"),
        (range(2), "[0, 1]"),
        (HTTPMethod.GET, '"GET"'),
    ],
)
def test_value_has_one_form(value, expected):
    assert hcl(value) == expected


def test_long_list_is_broken_one_item_a_line():
    text = hcl(["x" * 60, "y" * 60], 2)

    assert text == f'[\n    "{"x" * 60}",\n    "{"y" * 60}",\n  ]'


def test_value_that_spans_lines_ends_an_alignment_run():
    text = attributes({"a": 1, "bbb": 2, "cc": {"k.v": 1}, "dddd": 3, "e": 4})

    assert (
        text
        == """\
  a   = 1
  bbb = 2
  cc = {
    "k.v" = 1
  }
  dddd = 3
  e    = 4"""
    )


@pytest.mark.parametrize("value", [object(), b"x", {1, 2}, ["a", object()]])
def test_type_without_a_form_is_refused(value):
    with pytest.raises(TypeError, match="no HCL form for"):
        hcl(value)


@pytest.mark.parametrize(
    "value", ["\x00", "\x1b[0m", "\ud800", float("nan"), {"ü": 1}, {"a\nb": 1}]
)
def test_value_without_a_form_is_refused(value):
    with pytest.raises(ValueError, match=r"no HCL form for|Out of range"):
        hcl(value)


@pytest.mark.parametrize("text", ["", "a b", 'a"', "${x}", "-a", "a.b", "ü", "a\n"])
def test_identifier_holds_nothing_that_could_be_code(text):
    with pytest.raises(ValueError, match="not an identifier"):
        Identifier(text)


def test_comment_is_one_line_whatever_the_text():
    assert comment(" a\n\nb\r\n\tc\x00 ") == "a b c"


@given(st.text())
def test_comment_never_starts_a_second_line(text):
    assert len(comment(text).splitlines()) <= 1 or not {"\n", "\r"} & set(comment(text))


def test_work_on_hcl_gives_text_that_is_not_hcl():
    assert type(hcl("a") + "") is str
    assert type(hcl("a").upper()) is str
    assert type(Identifier("a") + "b") is str


@needs_terraform
def test_output_is_what_fmt_leaves_alone(tmp_path):
    @given(
        st.lists(st.dictionaries(st.text("abcdef_", min_size=1, max_size=9), VALUES), max_size=9)
    )
    def collect(rows):
        blocks.extend(rows)

    blocks = []
    collect()
    file = tmp_path / "values.tf"
    text = "\n".join(f"locals {{\n{attributes(row)}\n}}\n" for row in blocks if row)
    file.write_text(text, encoding="utf-8")

    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert len(blocks) > 100


def test_quoting_is_undone_by_reading_the_escapes():
    random.seed(7)
    pieces = ["$", "%", "{", "}", '"', "\\", "\n", "\t", "a", "é", "𝄞", "{{", "#"]
    for _ in range(500):
        text = "".join(random.choices(pieces, k=random.randrange(12)))
        inner = quoted(text)[1:-1].replace("$${", "${").replace("%%{", "%{")

        assert inner.encode().decode("unicode_escape").encode("latin-1").decode() == text
