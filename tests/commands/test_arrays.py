"""Arrays in the commands that have numbers too: ``eval``, ``diff`` and ``compare``."""

import json

import pytest

LAYER = "y = tanh(W@x); z = sum(y^2)"
POINT = ("--at", "W=[[1,2],[3,4]],x=[1,-1/2]")


def test_diff_plain(run):
    out = run("diff", LAYER, *POINT, "--format", "plain", "--precision", "3").out
    table, numbers = out.split("\n\n")
    assert [line.split()[:2] for line in table.splitlines()[1:5]] == [["0", "W"], ["1", "x"], ["2", "—"], ["3", "y"]]
    assert "[[1, 2], [3, 4]]" in table.splitlines()[1]
    assert table.splitlines()[4].split("  ")[-1].strip() == "[0, 1.52]"
    assert len({len(line) for line in table.splitlines()[1:]}) == 1
    assert numbers == "z = 0.58\n∂z/∂W = [[   0,     0],\n         [0.64, -0.32]]\n∂z/∂x = [1.92, 2.56]\n"


def test_eval_table(run):
    assert run("eval", "A@B", "--at", "A=[[1,2],[3,4]],B=[[1],[2]]") == (0, """\
╭───┬──────┬──────────────┬────────────┬──────────────────╮
│ # │ name │ operation    │ expression │            value │
├───┼──────┼──────────────┼────────────┼──────────────────┤
│ 0 │ A    │ input        │ A          │ [[1, 2], [3, 4]] │
│ 1 │ B    │ input        │ B          │       [[1], [2]] │
│ 2 │ —    │ matmul #0 #1 │ A@B        │      [[5], [11]] │
╰───┴──────┴──────────────┴────────────┴──────────────────╯

A@B = [[ 5],
       [11]]
""", "")


def test_eval_of_a_literal(run):
    assert run("eval", "[1, 2, 3]*2", "--quiet") == (0, "[2.0, 4.0, 6.0]\n", "")
    assert run("eval", "x[1:]", "--at", "x=[1,2,3]", "--no-trace").out == "x[1:] = [2, 3]\n"


def test_json_has_nested_lists(run):
    answer = json.loads(run("diff", LAYER, *POINT, "--json").out)
    assert answer["at"] == {"W": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, -0.5]}
    assert answer["gradient"]["W"][0] == [0.0, 0.0]
    assert answer["trace"][2]["value"] == [0.0, 1.0]
    assert answer["trace"][3]["adjoint"][0] == 0.0


def test_json_spells_entries_that_are_not_finite(run):
    done = run("eval", "where(x > 0, log(x), x)", "--at", "x=[1,-1]", "--json")
    assert (done.status, json.loads(done.out)["value"]) == (0, [0.0, -1.0])
    json.loads(done.out, parse_constant=lambda constant: pytest.fail(f"a bare {constant}"))


def test_quiet(run):
    done = run("diff", "sum(x^2)*c", "--at", "x=[1,2],c=1/3", "--quiet")
    assert done == (0, "[0.6666666666666666, 1.3333333333333333]\n5.0\n", "")


def test_latex(run):
    assert run("diff", "y = sum(W@x)", *POINT, "--no-trace", "--format", "latex").out == (
        "y = 1\n" r"\frac{\partial y}{\partial W} = \begin{pmatrix} 1 & -0.5 \\ 1 & -0.5 \end{pmatrix}" "\n"
        r"\frac{\partial y}{\partial x} = \begin{pmatrix} 4 \\ 6 \end{pmatrix}" "\n")


def test_empty_arrays(run):
    assert run("eval", "sum(x)", "--at", "x=[]", "--no-trace").out == "sum(x) = 0\n"
    assert run("eval", "x", "--at", "x=[[],[]]", "--no-trace").out == "x = [] 2×0\n"


def test_a_large_array_is_summarised(run, tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({"x": [k / 10 for k in range(-100, 201)]}), encoding="utf-8")
    out = run("diff", "sum(x^2)", "--at", f"@{tmp_path / 'p.json'}", "--format", "plain").out
    assert "301 entries, -10 … 20, norm " in out.splitlines()[1]
    assert out.splitlines()[-2:] == [
        "∂(sum(x^2))/∂x = 301 entries, -20 … 40, norm 347.9",
        "of an array of more than 200 entries only the shape, the range and the norm stand here; --json has them all"]
    quiet = run("diff", "sum(x^2)", "--at", f"@{tmp_path / 'p.json'}", "--quiet").out
    assert len(json.loads(quiet)) == 301


def test_the_estimate_of_the_mode_finite(run):
    line = run("diff", "sum(x^2)", "--at", "x=[1,2]", "--mode", "finite", "--no-trace").out.splitlines()[-1]
    assert line.startswith("∂(sum(x^2))/∂x = [2, 4]  ± ") and line.endswith(" at most")


@pytest.mark.parametrize(("arguments", "status", "lines"), [
    (["eval", "A@B", "--at", "A=[[1,2]],B=[[1,2]]"], 2, ["  A@B", "   ^"]),
    (["eval", "1 + A@B", "--at", "A=[[1,2]],B=[[1,2]]"], 2, ["  1 + A@B", "       ^"]),
    (["eval", "a + b", "--at", "a=[1,2],b=[1,2,3]"], 2, ["  a + b", "    ^"]),
    (["eval", "inv(A)", "--at", "A=[[1,2],[2,4]]"], 3, ["  inv(A)", "  ^^^^^^"]),
    (["eval", "1 + log(x)", "--at", "x=[1,-1]"], 3, ["  1 + log(x)", "      ^^^^^^"]),
])
def test_errors_show_their_place(run, arguments, status, lines):
    done = run(*arguments)
    assert (done.status, done.out) == (status, "")
    assert done.err.splitlines()[1:3] == lines
    found = json.loads(run(*arguments, "--json").err)["error"]
    start, end = found["span"]
    assert (start, end - start) == (len(lines[1]) - len(lines[1].lstrip()) - 2, lines[1].count("^"))


def test_an_array_has_no_gradient_but_a_jacobian(run):
    done = run("diff", "x*2", "--at", "x=[1,2]")
    assert (done.status, done.out) == (2, "")
    assert "jacobian" in done.err.splitlines()[-1]


def test_compare_shows_small_derivatives_and_the_norm_of_others(run):
    lines = run("compare", "f = sum(x^2)*sum(w)", "--at", "x=[3,4],w=[1,1,1,1,1]", "--format", "plain").out.splitlines()
    for line in lines[1:6]:
        assert "[30, 40]" in line
        assert "norm 55.9016994" in line
    assert lines[-1].startswith("the modes agree")
    assert run("compare", "sum(x^2)", "--at", "x=[3,4]", "--modes", "reverse", "--quiet").out == "[6.0, 8.0]\n"
    found = json.loads(run("compare", "sum(x^2)", "--at", "x=[3,4]", "--json").out)["programs"][0]
    assert (found["at"], found["modes"][0]["gradient"]) == ({"x": [3.0, 4.0]}, {"x": [6.0, 8.0]})


def test_compare_of_many_names_has_the_largest_entry(run):
    program = "sum(x)*" + "*".join("abcdef")
    point = ",".join(["x=[1,2]", *(f"{name}=1" for name in "abcde"), "f=-2"])
    lines = run("compare", program, "--at", point, "--modes", "reverse", "--format", "plain").out.splitlines()
    assert lines[1].split()[:4] == ["reverse", "ok", "-6", "-6"]


def test_order(run):
    assert run("diff", "y = x^3", "--order", "2").out == "∂²y/∂x² = 6*x\n"
    assert run("diff", "x^3", "--order", "3", "--format", "latex").out == (
        r"\frac{\partial^{3} \left(x^{3}\right)}{\partial x^{3}} = 6" "\n")
    assert run("diff", "y = x^3*c", "--at", "x=2,c=1", "--order", "2", "--no-trace").out == "y = 8\n∂²y/∂x² = 12\n∂²y/∂c² = 0\n"
    assert json.loads(run("diff", "x^3", "--at", "x=2", "--order", "2", "--json").out)["order"] == 2
    assert run("diff", "y = sum(x^3)", "--at", "x=[1,2]", "--order", "2", "--no-trace").out == (
        "y = 9\n∂²y/∂x² = [[6,  0],\n           [0, 12]]\n")
    assert run("diff", "x", "--order", "0").status == 2


def test_checkpoint_and_no_trace_keep_no_table(run):
    for option in ("--checkpoint", "--no-trace"):
        assert run("diff", "y = x^2", "--at", "x=3", option) == (0, "y = 9\n∂y/∂x = 6\n", "")
        assert json.loads(run("diff", "y = x^2", "--at", "x=3", option, "--json").out)["trace"] is None
    assert run("diff", "x^2", "--at", "x=3", "--checkpoint", "--mode", "forward").status == 2


@pytest.mark.parametrize("option", ["--no-trace", "--quiet"])
def test_what_nobody_sees_is_not_kept(run, option, monkeypatch):
    from gradcalc.program.program import Program

    asked = []
    true = Program.diff
    monkeypatch.setattr(Program, "diff", lambda *args, **options: asked.append(options["trace"]) or true(*args, **options))
    run("diff", "x^2", "--at", "x=3", option)
    run("diff", "x^2", "--at", "x=3")
    assert asked == [False, True]


def test_single_precision(run):
    assert run("eval", "1/3", "--dtype", "float32", "--quiet").out == "0.3333333432674408\n"
    assert run("eval", "x/3", "--at", "x=[1,2]", "--dtype", "float32", "--no-trace").out == "x/3 = [0.3333333, 0.6666667]\n"
    assert run("diff", "x/3", "--at", "x=1", "--dtype", "float32", "--no-trace", "--precision", "3").out == (
        "x/3 = 0.333\n∂(x/3)/∂x = 0.333\n")
    compared = run("compare", "x/3", "--at", "x=1", "--dtype", "float32", "--modes", "reverse", "--quiet")
    assert compared.out == "0.3333333432674408\n"
