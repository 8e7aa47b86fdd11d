"""``gradcalc diff``: the two-gate example in every format, and each option."""

import json

import pytest

from gradcalc.render import format_names

GATES = "e=(a+b)*(b+1)"
POINT = ("--at", "a=2,b=1")

TABLE = """\
╭───┬──────┬───────────┬─────────────────┬───────┬──────────────────╮
│ # │ name │ operation │ expression      │ value │ adjoint ∂e/∂node │
├───┼──────┼───────────┼─────────────────┼───────┼──────────────────┤
│ 0 │ a    │ input     │ a               │     2 │                2 │
│ 1 │ b    │ input     │ b               │     1 │                5 │
│ 2 │ —    │ add #0 #1 │ a + b           │     3 │                2 │
│ 3 │ —    │ const     │ 1               │     1 │                — │
│ 4 │ —    │ add #1 #3 │ b + 1           │     2 │                3 │
│ 5 │ e    │ mul #2 #4 │ (a + b)*(b + 1) │     6 │                1 │
╰───┴──────┴───────────┴─────────────────┴───────┴──────────────────╯

e = 6
∂e/∂b = 5
"""

FORWARD = """\
#  name  operation  expression       value  tangent ∂node/∂a  tangent ∂node/∂b
0  a     input      a                    2                 1                 0
1  b     input      b                    1                 0                 1
2  —     add #0 #1  a + b                3                 1                 1
3  —     const      1                    1                 0                 0
4  —     add #1 #3  b + 1                2                 0                 1
5  e     mul #2 #4  (a + b)*(b + 1)      6                 2                 5

e = 6
∂e/∂a = 2
∂e/∂b = 5
"""

LATEX = r"""\begin{array}{rlllrr}
\text{\#} & \text{name} & \text{operation} & \text{expression} & \text{value} & \text{adjoint}\ \frac{\partial e}{\partial \mathit{node}} \\ \hline
0 & a & \text{input} & a & 2 & 2 \\
1 & b & \text{input} & b & 1 & 5 \\
2 & \text{---} & \text{add \#0 \#1} & a + b & 3 & 2 \\
3 & \text{---} & \text{const} & 1 & 1 & \text{---} \\
4 & \text{---} & \text{add \#1 \#3} & b + 1 & 2 & 3 \\
5 & e & \text{mul \#2 \#4} & \left(a + b\right) \left(b + 1\right) & 6 & 1 \\
\end{array}

e = 6
\frac{\partial e}{\partial b} = 5
"""  # noqa: E501


def test_table(run):
    assert run("diff", GATES, *POINT, "--wrt", "b") == (0, TABLE, "")


def test_plain_forward_has_a_tangent_column_for_each_name(run):
    assert run("diff", GATES, *POINT, "--mode", "forward", "--format", "plain") == (0, FORWARD, "")


def test_latex(run):
    assert run("diff", GATES, *POINT, "--wrt", "b", "--format", "latex") == (0, LATEX, "")


def test_latex_of_the_formula(run):
    assert run("diff", GATES, "--wrt", "b", "--format", "latex").out == "\\frac{\\partial e}{\\partial b} = a + 2 b + 1\n"


def test_json(run):
    done = run("diff", GATES, *POINT, "--wrt", "b", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("\n") == 1
    answer = json.loads(done.out)
    assert list(answer) == ["schema", "command", "program", "output", "mode", "at", "value", "gradient", "formula", "trace",
                            "notes"]
    trace = answer.pop("trace")
    assert answer == {"schema": "gradcalc/1", "command": "diff", "program": GATES, "output": "e", "mode": "reverse",
                      "at": {"a": 2.0, "b": 1.0}, "value": 6.0, "gradient": {"b": 5.0}, "formula": None, "notes": []}
    assert trace[1] == {"node": 1, "name": "b", "op": "input", "args": [], "expression": "b", "value": 1.0, "adjoint": 5.0,
                        "tangent": None}
    assert [row["adjoint"] for row in trace] == [2.0, 5.0, 2.0, None, 3.0, 1.0]


def test_json_of_forward_mode_has_tangents_by_name(run):
    answer = json.loads(run("diff", GATES, *POINT, "--mode", "forward", "--json").out)
    assert answer["trace"][5]["tangent"] == {"a": 2.0, "b": 5.0}
    assert answer["trace"][5]["adjoint"] is None


def test_json_without_a_point_has_the_formula(run):
    answer = json.loads(run("diff", GATES, "--json").out)
    assert answer["formula"] == {"a": "b + 1", "b": "a + 2*b + 1"}
    assert (answer["at"], answer["value"], answer["gradient"], answer["trace"]) == (None, None, None, None)


def test_formulas(run):
    assert run("diff", GATES).out == "∂e/∂a = b + 1\n∂e/∂b = a + 2*b + 1\n"


def test_an_output_without_a_name_is_written_out(run):
    assert run("diff", "x^2", "--format", "plain").out == "∂(x^2)/∂x = 2*x\n"


def test_the_shared_parts_of_a_formula_have_lines_of_their_own(run):
    squarings = "; ".join(f"x{k + 1} = x{k}^2 + x{k}" for k in range(12))
    lines = run("diff", squarings, "--format", "plain").out.splitlines()
    assert len(lines) > 2
    assert lines[0].startswith("t1 = ")
    assert lines[-1].startswith("∂x12/∂x0 = ")
    assert sum(map(len, lines)) < 10_000


@pytest.mark.parametrize("mode", ["forward", "reverse", "symbolic", "complex", "finite"])
def test_every_mode(run, mode):
    done = run("diff", GATES, *POINT, "--mode", mode, "--json")
    answer = json.loads(done.out)
    assert done.status == 0
    assert answer["mode"] == mode
    assert abs(answer["gradient"]["b"] - 5.0) < 1e-9


def test_symbolic_mode_shows_the_formula_beside_the_number(run):
    out = run("diff", GATES, *POINT, "--mode", "symbolic", "--wrt", "b", "--no-trace").out
    assert out == "e = 6\n∂e/∂b = 5\n\n∂e/∂b = a + 2*b + 1\n"


def test_finite_mode_shows_its_estimate_and_no_adjoints(run):
    out = run("diff", "sin(x)", "--at", "x=1", "--mode", "finite", "--format", "plain").out
    assert out.splitlines()[0].split() == ["#", "name", "operation", "expression", "value"]
    assert out.splitlines()[-1].startswith("∂(sin(x))/∂x = 0.5403023059  ± ")


def test_scheme_and_step(run):
    options = ("--mode", "finite", "--scheme", "central", "--step", "1e-3", "--quiet")
    assert abs(float(run("diff", "x^3", "--at", "x=2", *options).out) - 12.000001) < 1e-9


@pytest.mark.parametrize("option", [("--scheme", "central"), ("--step", "0.1")])
def test_scheme_and_step_are_for_finite_alone(run, option):
    done = run("diff", "x", "--at", "x=1", *option)
    assert done == (2, "", f"error: {option[0]} is for the mode 'finite' alone\n  add --mode finite\n")


def test_quiet(run):
    assert run("diff", GATES, *POINT, "--wrt", "b", "--quiet") == (0, "5.0\n", "")
    assert run("diff", GATES, *POINT, "--wrt", "b", "--wrt", "a", "--quiet").out == "5.0\n2.0\n"
    assert run("diff", GATES, "--wrt", "b", "--quiet").out == "a + 2*b + 1\n"
    assert run("diff", "x/3", "--at", "x=1", "--quiet").out == "0.3333333333333333\n"
    assert run("diff", "x/3", "--at", "x=1", "--quiet", "--precision", "3").out == "0.333\n"


def test_quiet_leaves_notes_out_unless_they_are_the_reason_for_the_status(run):
    assert run("diff", "x", "--at", "x=1,y=2", "--quiet") == (0, "1.0\n", "")
    strict = run("diff", "x", "--at", "x=1,y=2", "--quiet", "--strict")
    assert strict == (3, "1.0\n", "note: the value of 'y' is not needed\n")


def test_precision(run):
    out = run("diff", "x/3", "--at", "x=1", "--precision", "3", "--format", "plain").out
    assert out.endswith("x/3 = 0.333\n∂(x/3)/∂x = 0.333\n")
    assert "0.3333" not in out


def test_precision_leaves_json_alone(run):
    assert json.loads(run("diff", "x/3", "--at", "x=1", "--precision", "3", "--json").out)["value"] == 1 / 3


def test_wrt_repeats_and_takes_lists_and_intermediate_names(run):
    out = run("diff", "c=a+b; d=b+1; e=c*d", *POINT, "--wrt", "c, d", "--wrt", "a", "--no-trace", "--format", "plain").out
    assert out == "e = 6\n∂e/∂c = 2\n∂e/∂d = 3\n∂e/∂a = 2\n"


def test_of(run):
    assert run("diff", "c=a+b; e=c^2", *POINT, "--of", "c", "--quiet").out == "1.0\n1.0\n"


def test_no_trace(run):
    assert run("diff", GATES, *POINT, "--no-trace").out == "e = 6\n∂e/∂a = 2\n∂e/∂b = 5\n"
    assert json.loads(run("diff", GATES, *POINT, "--no-trace", "--json").out)["trace"] is None


def test_a_long_table_shows_its_ends(run):
    program = "*".join(["x"] * 301)
    lines = run("diff", program, "--at", "x=1", "--format", "plain").out.splitlines()
    assert lines[0].split()[0] == "#"
    assert lines[101].split() == ["⋮"] * 6
    assert lines[100].split()[0] == "99"
    assert lines[102].split()[0] == "201"
    assert lines[202] == "101 of 301 rows are left out; --json has them all"


def test_a_table_of_200_rows_is_whole(run):
    out = run("diff", "*".join(["x"] * 200), "--at", "x=1", "--format", "plain").out
    assert "⋮" not in out and "left out" not in out


def test_notes_go_to_standard_error(run):
    done = run("diff", "y = x; z = w + 0*x", "--at", "w=1,x=1", "--wrt", "y", "--of", "y", "--no-trace")
    assert done.out == "y = 1\n∂y/∂y = 1\n"
    assert done.err == "note: the value of 'w' is not needed\n"


def test_a_note_with_a_place_shows_it(run):
    done = run("diff", "u = b^2; y = a", "--at", "a=1,b=1", "--wrt", "b", "--quiet", "--strict")
    assert done.status == 3
    assert done.err.endswith(
        "note: 'y' does not depend on 'b'; the derivative is 0\n  u = b^2; y = a\n      ^\n")


def test_json_carries_the_notes(run):
    done = run("diff", "x", "--at", "x=1,y=2", "--json", "--strict")
    assert (done.status, done.err) == (3, "")
    assert [note["code"] for note in json.loads(done.out)["notes"]] == ["unused"]


def test_default_format_from_the_environment(run, monkeypatch):
    monkeypatch.setenv("GRADCALC_FORMAT", "json")
    assert json.loads(run("diff", GATES, *POINT).out)["value"] == 6.0
    assert run("diff", GATES, *POINT, "--wrt", "b", "--format", "table").out == TABLE
    assert run("diff", GATES, *POINT, "--wrt", "b", "--quiet").out == "5.0\n"
    monkeypatch.setenv("GRADCALC_FORMAT", "xml")
    known = ", ".join(format_names())
    assert known.startswith("table, plain, json, latex")
    assert run("diff", "x").err == f"error: 'xml' is no value of $GRADCALC_FORMAT\n  it takes {known}\n"


def test_json_wins_over_quiet(run):
    assert json.loads(run("diff", GATES, *POINT, "--quiet", "--json").out)["value"] == 6.0


@pytest.mark.parametrize(("option", "program"), [("--max-text", "x+x+x"), ("--max-depth", "((((x))))"),
                                                 ("--max-nodes", "x+1+2+3")])
def test_a_limit_names_its_option(run, option, program):
    done = run("diff", program, option, "3")
    assert (done.status, done.out) == (2, "")
    assert done.err.rstrip().endswith(f"raise {option}")
    assert run("diff", program, option, "1000").status == 0
