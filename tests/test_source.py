"""Reading a file that may be anything."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import BlueprintError
from generator.model.node import Node, dotted, merge
from generator.model.source import MAX_BYTES, read
from generator.model.text import objection, shown


def said(path, name="b.yaml"):
    with pytest.raises(BlueprintError) as caught:
        read(path, name)
    return str(caught.value)


@pytest.fixture
def tree(tmp_path):
    def parse(text):
        path = tmp_path / "b.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(path, "b.yaml")

    return parse


def test_missing_file(tmp_path):
    assert said(tmp_path / "b.yaml").startswith("b.yaml: no such file;")


def test_folder_instead_of_a_file(tmp_path):
    assert said(tmp_path).startswith("b.yaml: not a file;")


def test_file_nobody_may_read(tmp_path, unprivileged):
    path = tmp_path / "b.yaml"
    path.write_text("a: 1")
    path.chmod(0)

    with unprivileged(tmp_path):
        assert said(path) == "b.yaml: cannot be read: Permission denied"


def test_file_of_ten_megabytes(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_bytes(b"# " + b"x" * (10 << 20))

    assert said(path) == "b.yaml: is larger than 1 MiB; it should have some hundred lines"


def test_largest_file_is_read(tree):
    assert tree(b"a: 1 #" + b"x" * (MAX_BYTES - 6)).plain() == {"a": 1}


def test_file_that_is_not_utf_8(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")

    assert said(path) == "b.yaml:2:7: not UTF-8; save the file as UTF-8"


def test_character_that_yaml_cannot_hold(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_bytes(b"a: 1\nb: \x01\n")

    assert said(path) == "b.yaml:2:1: holds the control character U+0001; remove it"


def test_byte_order_mark_is_ignored(tree):
    assert tree(b"\xef\xbb\xbfa: 1").plain() == {"a": 1}


def test_text_is_composed(tree):
    assert tree("a: u\u0308\nu\u0308: 1").plain() == {"a": "\u00fc", "\u00fc": 1}


def test_scalars_have_the_types_of_yaml_1_2(tree):
    text = "[~, null, '', true, FALSE, 0, -7, 1.50, 2027-06-30, a b, '012', \"no\", ]"

    assert tree(text).plain() == (
        *(None, None, "", True, False, 0, -7, 1.5),
        *(dt.date(2027, 6, 30), "a b", "012", "no"),
    )


def test_value_knows_the_place_of_its_key(tree):
    node = tree("a:\n  b:\n    - x\n    - v\n")

    found, rest = node.nearest(("a", "b", 1, "z"))

    assert (found.value, found.path, found.line, found.column) == ("v", ("a", "b", 1), 4, 7)
    assert rest == ("z",)
    assert node.nearest(("a", 0))[1] == (0,)


def test_alias_keeps_the_place_it_was_written_at(tree):
    node = tree("a: &x {k: 1}\nb: *x\n")

    assert node.nearest(("b", "k"))[0].line == 1
    assert node.plain() == {"a": {"k": 1}, "b": {"k": 1}}


def test_merge_lays_mappings_over_each_other_and_replaces_the_rest(tree):
    base = tree("{a: {x: 1, v: [1, 2]}, b: 1}")
    over = tree("{a: {v: [3], z: {q: 1}}, b: {c: 1}}")

    assert merge(base, over).plain() == {"a": {"x": 1, "v": (3,), "z": {"q": 1}}, "b": {"c": 1}}


def test_message_stays_on_one_short_line():
    assert dotted(("a", 0, "b\nc", "x" * 100)) == f"a.0.'b\\nc'.\"{'x' * 58}…"
    assert shown("x\x1b" * 50).isprintable()
    assert [shown(v) for v in (None, True, (), {}, 3)] == [
        "null",
        "true",
        "a list",
        "a mapping",
        "3",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "AKIA" + "A" * 16,
        "postgres://u:p@host/db",
        "ghp_" + "a" * 36,
        "xoxb-" + "1" * 12,
    ],
)
def test_secret_is_refused_and_not_repeated(text):
    assert "looks like a secret" in objection(f"see {text}")
    assert text not in objection(text)


@pytest.mark.parametrize(
    "text",
    [
        "checkov:skip=CKV_AWS_1:x",
        "tfsec:ignore:x",
        "trivy:ignore:x",
        "# kics-scan ignore",
        "nosemgrep",
    ],
)
def test_order_to_a_scanner_is_refused(text):
    assert "order to a scanner" in objection(text)


@given(st.text())
def test_text_without_objection_is_safe_to_print(text):
    if objection(text) is None:
        assert all(c.isprintable() or c.isspace() or ord(c) > 0x9F for c in text)


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "b.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        found = read(path, "b.yaml")
    except BlueprintError as error:
        found = str(error)

    assert isinstance(found, Node) or all(line.startswith("b.yaml") for line in found.splitlines())
