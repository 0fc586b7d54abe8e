"""Text that a user may write comes out of Terraform as it went in, whatever it looks like."""

import datetime as dt
import random
import re
import unicodedata

import pytest
import yaml

from conftest import ROOT
from generator.blueprint import load
from generator.model.text import normal, objection
from generator.render import render
from terraform.blocks import without
from terraform.roots import Tree, unformatted

COUNT = 520
LONGEST = 2000
NAME = "hostile"
SKIP = "  # checkov:skip=CKV_AWS_{}:"

CHOSEN = (
    '"${path.root}%{ if true }',
    "${path.root}",
    "$${path.root}",
    "$$${path.root}",
    "$$$${path.root}",
    "%{ if true }yes%{ endif }",
    "%%{ if true }",
    "%%%{ if true }",
    "$%{",
    "%${",
    "$ {",
    "${",
    "%{",
    "$",
    "%",
    "}",
    "$${%%{$${",
    '${file("/etc/passwd")}',
    '"',
    '""',
    '\\"',
    '" }\n\nresource "aws_iam_user" "evil" {\n  name = "evil"\n}\n',
    "}\n}\n",
    "\\",
    "\\\\",
    "\\n",
    "\\u0041",
    "\\U0001F600",
    "\\x41",
    "ends in a backslash \\",
    "EOF",
    "EOT\n",
    "<<EOT\nnot a heredoc\nEOT\n",
    "<<-EOF\n  neither\n  EOF",
    "a\nEOF\nb",
    "/* */",
    "*/ resource",
    "// comment",
    "# comment",
    "a # b // c /* d */",
    "\n# comment\n",
    "line\nline\n\n\nline",
    "\ttab\tand\ttab",
    " blanks around ",
    "many      blanks",
    "a\u2028b\u2029c",
    "a\u0301 e\u0308 \u1112\u1161\u11ab",  # decomposed
    "\u212b \u2126 \ufb01",
    "\u0344 \u0958 \u2adc",  # change under NFC, and stay changed
    "\U0001d160",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\ufffd\ufffe\uffff\U0010ffff",
    "\u00a0a\u3000",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "Zal\u0317\u0353go\u0489\u0321",
    "{{ component.secrets }}",
    "{% for x in y %}{% endfor %}",
    "{# comment #}",
    "{%- raw -%}",
    "{{ '{{' }}",
    "{{",
    "%}",
    "#}",
    "- a\n- b: c\n",
    "key: value",
    "*alias",
    "&anchor",
    "!!python/object/apply:os.system ['true']",
    "---\n...\n",
    "null",
    "no",
    "012",
    '{"a": [1, {"b": null}], "c": "\\u0000"}',
    "$(true) `true` ; true && true | true > /dev/null",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "%s %d %n %x {0} {name}",
    "../../../etc/passwd",
    "aws_kms_key.logs.arn",
    "var.x module.y.z local.w each.key",
    "for_each = {}",
    "x" * LONGEST,
    "${" * (LONGEST // 2),
    "\\" * LONGEST,
    '"' * LONGEST,
    "\u00e9" * LONGEST,
    "\U0001f600" * LONGEST,
)  # fmt: skip


def invented(seed):
    """Yield texts made of pieces of the chosen ones, and of characters from all of Unicode."""
    chance = random.Random(seed)
    syntax = [*"${}%\\\"'#/*<>=[]() \n\t.,:;|&-_~", "${", "%{", "$${", "%%{", "}}", "{{", "EOT\n"]
    while True:
        pieces = []
        for _ in range(chance.randint(1, 40)):
            kind = chance.random()
            if kind < 0.6:
                pieces.append(chance.choice(syntax))
            elif kind < 0.9:
                pieces.append(chr(chance.choice((*range(0x20, 0x7F), *range(0xA0, 0x3000)))))
            elif kind < 0.95:
                pieces.append(chr(chance.randrange(0xE000, 0x110000)))
            else:
                pieces.append(chance.choice(CHOSEN)[:20])
        yield "".join(pieces)[:LONGEST]


def accepted(text):
    """Tell whether a blueprint may hold *text*, which has to have something to read in it."""
    return bool(text.strip()) and objection(normal(text)) is None


def hostile():
    """Return the texts: those chosen, then enough of those invented."""
    texts = dict.fromkeys(CHOSEN)
    more = filter(accepted, invented(seed=2026))
    while len(texts) < COUNT:
        texts[next(more)] = None
    return tuple(texts)


TEXTS = hostile()


def composed(text):
    return unicodedata.normalize("NFC", text)


def on_one_line(text):
    return " ".join(composed(text).split())


def rendered(folder, document):
    """Render *document* below *folder*, through a file as a user would have it."""
    path = folder / "blueprint.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    files = {}
    for each in render(load(path)).values():
        files |= each
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return files


def document(environments, exceptions=(), security=None):
    """Return a blueprint of keys and secrets only."""
    ours = yaml.safe_load((ROOT / "blueprint.yaml").read_text(encoding="utf-8"))
    return {
        **{key: ours[key] for key in ("version", "project", "region")},
        "components": {"bootstrap": {}, "security": security or {}},
        "exceptions": list(exceptions),
        "environments": environments,
    }


def secrets(texts):
    """Return a blueprint with each of *texts* as what a secret is for, and as a reason."""
    described = {f"s_{number:03}": {"description": text} for number, text in enumerate(texts)}
    exceptions = [
        {
            "check": f"CKV_AWS_{number}",
            "environments": [NAME],
            "resource": f"module.security.aws_secretsmanager_secret.s_{number:03}",
            "reason": text,
            "owner": text,
            "expires": dt.date(2027, 1, 1),
        }
        for number, text in enumerate(texts)
    ]
    return document({NAME: {"account_id": "1" * 12}}, exceptions, {"secrets": described})


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every text in the place of a value and of a comment: the folder, and its files."""
    folder = tmp_path_factory.mktemp("hostile")
    return folder, rendered(folder, secrets(TEXTS))


def test_there_are_enough_texts_and_a_blueprint_may_hold_each():
    assert len(TEXTS) >= 500
    assert [text for text in TEXTS if not accepted(text)] == []


@pytest.mark.slow
@pytest.mark.xdist_group("hostile")
def test_values_come_out_of_terraform_as_they_went_in(written, offline, tmp_path):
    folder, _ = written
    tree = Tree(tmp_path, NAME, source=folder)
    texts, _ = without(tree.texts(), {"aws_secretsmanager_secret_policy"})  # as many again
    tree.rewrite(texts)
    plan = tree.open("main", offline).plan()
    (module,) = plan["planned_values"]["root_module"]["child_modules"]
    found = {
        resource["name"]: resource["values"]["description"]
        for resource in module["resources"]
        if resource["type"] == "aws_secretsmanager_secret"
    }

    assert found.keys() == {f"s_{n:03}" for n in range(len(TEXTS))}
    assert [t for n, t in enumerate(TEXTS) if found[f"s_{n:03}"] != composed(t)] == []


@pytest.mark.xdist_group("hostile")
def test_comments_hold_the_text_and_change_nothing_else(written, tmp_path):
    _, files = written
    lines = files[f"modules/{NAME}/security/secrets.tf"].split("\n")
    harmless = rendered(tmp_path, secrets(["Harmless."] * len(TEXTS)))

    comments = [line for line in lines if line.startswith(SKIP.split("{", maxsplit=1)[0])]
    assert comments == [SKIP.format(n) + on_one_line(t) for n, t in enumerate(TEXTS)]
    assert files.keys() == harmless.keys()
    for path, text in files.items():
        assert bare(text) == bare(harmless[path])


def bare(text):
    """Return *text* without what a comment or a description says."""
    return re.sub(r"^( *#| +description = ).*$", r"\1", text, flags=re.MULTILINE)


@pytest.mark.xdist_group("hostile")
def test_headings_hold_the_text_and_change_nothing_else(tmp_path):
    environments = {
        f"e{number}": {"account_id": f"1{number:011}", "description": text}
        for number, text in enumerate(CHOSEN)
    }
    files = rendered(tmp_path, document(environments))

    for number, text in enumerate(CHOSEN):
        main = files[f"envs/e{number}/main.tf"].split("\n")
        assert main[3] == f"# {on_one_line(text)}"
        assert [line for line in main if line.startswith("#")] == main[:4]


@pytest.mark.xdist_group("hostile")
def test_terraform_would_format_nothing(written):
    folder, _ = written

    assert unformatted(folder) == ""
