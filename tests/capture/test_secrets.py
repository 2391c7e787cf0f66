"""No secret reaches the disk, and what was cut comes back where its value still exists."""

import json
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.capture.secrets import Redactor

KEY = b"k" * 32
VALUE = "p4ss-w0rd/of <the>\tuser'\"s & co"
ENVIRON = {"DB_PASSWORD": VALUE, "PATH": "/usr/bin:/bin", "HOME": "/home/maya"}

NOISE = st.text(alphabet="ab1 \n'\"\\/=:@{}[]‹›-_.é", max_size=40)
# What people have as secrets: printable, without blanks at the ends.
SECRETS = st.text(alphabet="abcXYZ019 -_/+=.:@\"'\\\n{}é", min_size=8, max_size=30).filter(
    lambda text: len(text.strip()) >= 8
)


@pytest.fixture(name="redactor")
def _redactor() -> Redactor:
    return Redactor(ENVIRON, KEY)


def notebook(*sources: str, outputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source, "outputs": outputs or []}
        for i, source in enumerate(sources)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


@settings(max_examples=150, deadline=None)
@given(before=NOISE, secret=SECRETS, between=NOISE, after=NOISE)
def test_a_redacted_text_never_holds_the_secret_and_can_be_filled_again(
    before: str, secret: str, between: str, after: str
) -> None:
    redactor = Redactor({"SERVICE_TOKEN": secret}, KEY)
    text = before + secret.strip() + between + secret.strip() + after

    redacted = redactor.text(text)

    assert secret.strip() not in redacted
    assert redactor.text(redacted) == redacted
    filled, gaps = redactor.fill(notebook(redacted), notebook(text))
    assert filled["cells"][0]["source"] == text
    assert gaps == ()


@settings(max_examples=150, deadline=None)
@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=3),
    pieces=st.lists(st.text(alphabet="ab1 \n'\"é", max_size=10), min_size=4, max_size=4),
)
def test_the_environment_alone_fills_what_it_held(secrets: list[str], pieces: list[str]) -> None:
    """Without the live document; several secrets may contain or overlap one another."""
    redactor = Redactor({f"A{i}_TOKEN": secret for i, secret in enumerate(secrets)}, KEY)
    text = " | ".join(pieces[i] + " " + secret.strip() for i, secret in enumerate(secrets)) + " " + pieces[3]

    redacted = redactor.text(text)

    assert not [secret for secret in secrets if secret.strip() in redacted]
    assert redactor.text(redacted) == redacted
    filled, gaps = redactor.fill(notebook(redacted), notebook(text))
    assert (filled["cells"][0]["source"], gaps) == (text, ())
    if len(secrets) == 1:
        assert redactor.fill(notebook(redacted))[0]["cells"][0]["source"] == text


def test_a_value_that_is_no_valid_unicode_is_a_secret_too() -> None:
    """The environment is bytes; what does not decode comes as surrogates."""
    secret = b"s3cr3t-\xff\xfe-value".decode("utf-8", "surrogateescape")
    redactor = Redactor({"API_TOKEN": secret}, KEY)

    redacted = redactor.text(f"x = {secret!r}; {secret}")

    assert "s3cr3t" not in redacted
    assert redactor.data(b"s3cr3t-\xff\xfe-value").startswith("‹secret".encode())


@settings(max_examples=80, deadline=None)
@given(text=NOISE)
def test_a_text_without_secrets_is_returned_itself(text: str) -> None:
    assert Redactor(ENVIRON, KEY).text(text) is text


def test_a_secret_is_found_however_it_is_quoted(redactor: Redactor) -> None:
    """Printing a dict, sending JSON, showing a table as HTML or building a URL: all write the value with escapes."""
    table = pd.DataFrame({"a": [VALUE]}).to_html()
    for shown in (
        repr(VALUE),
        json.dumps(VALUE),
        f"'{VALUE}'",
        str({"a": VALUE}),
        table,
        urlencode({"p": VALUE}),
    ):
        redacted = redactor.text(shown)

        assert "w0rd" not in redacted
        assert redactor.fill(notebook(redacted))[0]["cells"][0]["source"] == shown


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("aws_secret_access_key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'", "wJalrXUtnFEMI"),
        ("ghp_" + "aB3d" * 9, "aB3daB3d"),
        ("github_pat_" + "a1B2" * 10, "a1B2a1B2"),
        ("glpat-" + "x1Y2" * 5, "x1Y2x1Y2"),
        ("xoxb-123456789012-abcdefABCDEF", "abcdefABCDEF"),
        ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "XXXXXXXX"),
        ("sk-" + "aB3dE" * 10, "aB3dE"),
        ("sk-proj-" + "aB3-dE_" * 10, "aB3-dE"),
        ("sk-ant-api03-" + "aB3-dE_" * 10, "aB3-dE"),
        ("AIza" + "Sy0-_" * 7, "Sy0-_Sy0"),
        ("hf_" + "aBcDe" * 7, "aBcDeaBcDe"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.SflKxwRJSMeKKF2QT4", "SflKxwRJ"),
        ("postgresql://maya:s3cr3t@db.example/x", "s3cr3t"),
        ("https://0123456789abcdef0123@github.com/a/b", "0123456789abcdef"),
        ("os.environ['MY_API_KEY'] = 'plainword'", "plainword"),
        ("%env HUB_TOKEN=plainword", "plainword"),
        ("headers = {'Authorization': 'Bearer abcdefghij0123456789'}", "abcdefghij"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEow1B\n" * 20 + "-----END RSA PRIVATE KEY-----",
            "MIIEow1B",
        ),
        ("-----BEGIN PRIVATE KEY-----\\n" + "MIIEow1B\\n" * 20, "MIIEow1B"),
    ],
)
def test_known_shapes_are_cut_out_and_come_back_from_the_live_document(
    redactor: Redactor, text: str, leaks: str
) -> None:
    redacted = redactor.text(f"before {text} after")

    assert leaks not in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after") or "PRIVATE" in text
    assert redactor.text(redacted) == redacted
    filled, gaps = redactor.fill(notebook(redacted), notebook(f"before {text} after"))
    assert filled["cells"][0]["source"] == f"before {text} after"
    assert gaps == ()


@pytest.mark.parametrize(
    "text",
    [
        '<label class="sk-toggleable__label sk-toggleable__label-arrow fitted">RandomForest</label>',
        '<div id="sk-container-id-1" class="sk-estimator-doc-link fitted"></div>',
        'f"postgresql://{user}:{password}@{host}/db"',
        "postgres://$USER:$PASSWORD@host",
        "https://pandas.pydata.org/docs/user_guide/10min.html",
        "os.environ['OPENAI_API_KEY'] = getpass()",
        "if '-----BEGIN PRIVATE KEY-----' in text: pass",
        "the Bearer authentication scheme",
        "KeyError: 'PAY_0'",
        "d = {'http://a:80/x': 1, 'b@c': 2}",
    ],
)
def test_what_only_resembles_a_secret_stays(redactor: Redactor, text: str) -> None:
    """Outputs and sources must not be mangled by a guess."""
    assert redactor.text(text) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XAUTHORITY", "/run/user/1000/.Xauthority-none"),
        ("KEYBOARD", "logitech-mx"),
        ("PWD", "/home/maya/project-none"),
        ("TOKENIZERS_PARALLELISM", "false-or-true"),
        ("SSH_AUTH_SOCK", "/tmp/none/agent.1"),
        ("JPY_SESSION_NAME", "/home/maya/notebook.ipynb"),
        ("GIT_AUTHOR_NAME", "Maya Okafor"),
        ("SECRET_BACKEND", "kubernetes"),
        ("API_TOKEN", "short"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/hostname"),
    ],
)
def test_a_harmless_variable_is_no_secret(name: str, value: str) -> None:
    assert Redactor({name: value}, KEY).text(f"x = {value!r}") == f"x = {value!r}"


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "GITHUB_TOKEN",
        "PGPASSWORD",
        "MYSQL_PWD",
        "DJANGO_SECRET_KEY",
        "JPY_API_TOKEN",
        "db_pass",
    ],
)
def test_a_variable_that_sounds_like_a_secret_is_one(name: str) -> None:
    assert "plainword" not in Redactor({name: "plainword"}, KEY).text("x = 'plainword'")


def test_a_value_that_is_the_name_of_its_variable_is_not_said_by_the_marker() -> None:
    """A placeholder such as OPENAI_API_KEY=OPENAI_API_KEY must not come back through its own marker."""
    redactor = Redactor({"OPENAI_API_KEY": "OPENAI_API_KEY"}, KEY)

    redacted = redactor.text("print('OPENAI_API_KEY')")

    assert "OPENAI_API_KEY" not in redacted
    assert redactor.text(redacted) == redacted


def test_secrets_set_while_the_kernel_runs_are_learnt_and_old_ones_stay_secret() -> None:
    redactor = Redactor({"API_TOKEN": "the-first-one"}, KEY)

    redactor.learn({"API_TOKEN": "the-second-one"})

    assert redactor.text("the-first-one the-second-one").count("‹secret API_TOKEN ") == 2


def test_every_part_of_an_output_is_redacted_but_images() -> None:
    redactor = Redactor({"API_TOKEN": "s3cr3t-value"}, KEY)
    image = "iVBORw0KGgo-s3cr3t-value"
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "s3cr3t-value\n"]},
        {
            "output_type": "display_data",
            "metadata": {"note": "s3cr3t-value"},
            "data": {
                "text/html": "<b>s3cr3t-value</b>",
                "application/json": {"a": [1, {"s3cr3t-value": "s3cr3t-value"}]},
                "image/png": image,
                "image/svg+xml": "<text>s3cr3t-value</text>",
            },
        },
        {
            "output_type": "error",
            "ename": "E",
            "evalue": "s3cr3t-value",
            "traceback": ["\x1b[31mone\n", "s3cr3t-value"],
        },
    ]

    redacted = [redactor.output(output) for output in outputs]

    assert json.dumps(redacted).count("s3cr3t-value") == 1
    assert redacted[1]["data"]["image/png"] == image
    assert redacted[0]["text"][0] == "a\n"
    assert len(redacted[2]["traceback"]) == 2
    assert redactor.found["API_TOKEN"] == 8
    filled, gaps = redactor.fill(notebook("x", outputs=redacted))
    assert filled["cells"][0]["outputs"] == outputs
    assert gaps == ()


def test_a_secret_that_spans_the_lines_of_an_output_is_found() -> None:
    redactor = Redactor({}, KEY)
    lines = ["-----BEGIN EC PRIVATE KEY-----\n", *["MHcCAQEE\n"] * 8, "-----END EC PRIVATE KEY-----\n"]

    redacted = redactor.output({"output_type": "stream", "name": "stdout", "text": lines})

    assert "MHcC" not in "".join(redacted["text"])


def test_what_cannot_be_filled_is_one_gap_that_names_it(redactor: Redactor) -> None:
    redacted = redactor.document(notebook(f"a = {VALUE}", f"b = {VALUE}"))

    filled, gaps = Redactor({}, KEY).fill(redacted)

    assert filled == redacted
    assert [gap.kind for gap in gaps] == ["redacted"]
    assert "DB_PASSWORD" in gaps[0].subject


def test_another_user_s_marker_is_not_filled_with_one_s_own_secret(redactor: Redactor) -> None:
    """The digest is keyed: the same value under another key is another marker."""
    theirs = Redactor(ENVIRON, b"x" * 32).document(notebook(VALUE))

    filled, gaps = redactor.fill(theirs)

    assert filled == theirs
    assert len(gaps) == 1


def test_a_large_plot_without_secrets_is_returned_itself(redactor: Redactor) -> None:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/json": [[0.5] * 1000] * 100},
    }

    assert redactor.output(output) is output


def test_a_patch_keeps_its_bytes_around_the_secret(redactor: Redactor) -> None:
    """Patches hold whatever bytes the files hold."""
    patch = b"+\xff\xfe\r\n+TOKEN = 'ghp_" + b"aB3d" * 9 + b"'\r\n"

    redacted = redactor.data(patch)

    assert redacted.startswith(b"+\xff\xfe\r\n+TOKEN = '\xe2\x80\xb9secret github-token ")
    assert redacted.endswith(b"'\r\n")
    assert redactor.data(b"\xff plain") == b"\xff plain"
