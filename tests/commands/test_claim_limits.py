"""The limits hold for claims as for programs, whatever they are read from; @- is standard input wherever @FILE is a file."""

import json

import pytest


@pytest.mark.parametrize("limit", [("--max-text", "5"), ("--max-depth", "2"), ("--max-nodes", "3"), ("--max-digits", "1")])
@pytest.mark.parametrize("by", ["text", "file", "pipe"])
def test_a_claim_is_within_the_limits(run, tmp_path, limit, by):
    claim = "x = 2*x + 0*((x + 11)*(x + 12))"
    (tmp_path / "claim.txt").write_text(claim)
    given = {"text": claim, "file": f"@{tmp_path / 'claim.txt'}", "pipe": "@-"}[by]
    done = run("check", "x^2", "--claim", given, *limit, stdin=claim if by == "pipe" else None)
    assert (done.status, done.out) == (2, "")
    assert limit[0] in done.err


def test_standard_input_wherever_a_file_may_be(run):
    assert run("diff", "@-", "--at", "x=3", "--quiet", stdin="x^2").out == "6.0\n"
    assert run("diff", "x^2", "--at", "@-", "--quiet", stdin='{"x": 3}').out == "6.0\n"
    assert run("jvp", "sum(x^2)", "--at", "x=[1,1]", "--tangent", "@-", "--quiet", stdin='{"x": [1, 2]}').out == "6.0\n"
    assert run("hvp", "x^3", "--at", "x=1", "--vector", "@-", "--quiet", stdin='{"x": 2}').out == "12.0\n"
    done = run("check", "x^2", "--claim", "@-", "--json", stdin="x = 2*x")
    assert json.loads(done.out)["verdict"] == "correct"


@pytest.mark.parametrize("arguments", [("diff", "@-", "--at", "@-"), ("diff", "-", "--at", "@-"),
                                       ("check", "-", "--claim", "@-"), ("jvp", "x", "--at", "-", "--tangent", "@-")])
def test_it_is_read_once(run, arguments):
    done = run(*arguments, stdin="x^2")
    assert (done.status, done.out) == (2, "")
    assert "standard input can be read only once" in done.err
