"""``gradcalc jacobian``, ``hessian``, ``jvp``, ``vjp`` and ``hvp``."""

import json

import pytest

LAYER = ("y = W@x; z = sum(y^2)", "--at", "W=[[1,2],[3,4]],x=[1,-1]")

JACOBIAN = """\
y = [-1, -1]

∂y/∂W, 2×2×2
╭──────┬─────────┬─────────┬─────────┬─────────╮
│      │ W[0, 0] │ W[0, 1] │ W[1, 0] │ W[1, 1] │
├──────┼─────────┼─────────┼─────────┼─────────┤
│ y[0] │       1 │      -1 │       0 │       0 │
│ y[1] │       0 │       0 │       1 │      -1 │
╰──────┴─────────┴─────────┴─────────┴─────────╯

∂y/∂x, 2×2
╭──────┬──────┬──────╮
│      │ x[0] │ x[1] │
├──────┼──────┼──────┤
│ y[0] │    1 │    2 │
│ y[1] │    3 │    4 │
╰──────┴──────┴──────╯

reverse: 2 sweeps, because there are 6 inputs and 2 outputs, entries counted
"""

SCALARS = """\
u = 6
v = 5

Jacobian, 2×2
   x  y
u  3  2
v  1  1

reverse: 2 sweeps; forward takes as many
"""

HESSIAN = """\
z = 2

∂²z/∂x², 2×2
╭──────┬──────┬──────╮
│      │ x[0] │ x[1] │
├──────┼──────┼──────┤
│ x[0] │   20 │   28 │
│ x[1] │   28 │   40 │
╰──────┴──────┴──────╯
"""


def test_jacobian_table(run):
    assert run("jacobian", *LAYER, "--of", "y") == (0, JACOBIAN, "")


def test_jacobian_of_numbers_is_one_matrix(run):
    assert run("jacobian", "u = x*y; v = x + y", "--at", "x=2,y=3", "--of", "u,v", "--format", "plain") == (0, SCALARS, "")
    repeated = run("jacobian", "u = x*y; v = x + y", "--at", "x=2,y=3", "--of", "u", "--of", "v", "--format", "plain")
    assert repeated.out == SCALARS


def test_jacobian_of_a_number_by_one_is_an_equation(run):
    out = run("jacobian", "x^2", "--at", "x=3", "--format", "plain").out
    assert out == "x^2 = 9\n\n∂(x^2)/∂x = 6\n\nreverse: 1 sweep; forward takes as many\n"


def test_jacobian_of_numbers_and_arrays(run):
    out = run("jacobian", "y = sum(x)*b + c", "--at", "x=[1,2],b=3,c=1", "--format", "plain").out
    assert out == ("y = 10\n\n∂y/∂x, 2 entries\n   x[0]  x[1]\ny     3     3\n\n∂y/∂b = 3\n∂y/∂c = 1\n\n"
                   "reverse: 1 sweep, because there are 4 inputs and 1 output, entries counted\n")


@pytest.mark.parametrize(("program", "point", "options", "said"), [
    ("x*[1,2,3]", "x=2", (), "forward: 1 sweep, because there are 1 input and 3 outputs, entries counted"),
    ("x*[1,2,3]", "x=2", ("--mode", "reverse"), "reverse: 3 sweeps, as asked; forward takes 1"),
    ("sum(x)", "x=[1,2]", ("--mode", "forward"), "forward: 2 sweeps, as asked; reverse takes 1"),
    ("x^2", "x=[1,2]", (), "reverse: 2 sweeps; forward takes as many"),
])
def test_which_way_was_taken(run, program, point, options, said):
    assert run("jacobian", program, "--at", point, *options, "--format", "plain").out.splitlines()[-1] == said


def test_jacobian_json(run):
    done = run("jacobian", *LAYER, "--of", "y,z", "--wrt", "x", "--json")
    assert (done.status, done.err, done.out.count("\n")) == (0, "", 1)
    assert json.loads(done.out) == {
        "schema": "gradcalc/1", "command": "jacobian", "program": LAYER[0], "outputs": ["y", "z"],
        "at": {"W": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, -1.0]}, "value": {"y": [-1.0, -1.0], "z": 2.0}, "mode": "forward",
        "jacobian": {"y": {"x": [[1.0, 2.0], [3.0, 4.0]]}, "z": {"x": [-8.0, -12.0]}}, "notes": []}


def test_jacobian_latex(run):
    assert run("jacobian", *LAYER, "--of", "y", "--wrt", "x", "--format", "latex").out.splitlines() == [
        r"y = \begin{pmatrix} -1 \\ -1 \end{pmatrix}", "",
        r"\frac{\partial y}{\partial x} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "",
        r"\text{reverse: 2 sweeps; forward takes as many}"]
    assert r"J = \begin{pmatrix} 3 & 2 \end{pmatrix}" in run("jacobian", "x*y", "--at", "x=2,y=3", "--format", "latex").out


def test_jacobian_quiet(run):
    assert run("jacobian", *LAYER, "--of", "y,z", "--quiet").out == (
        "[[[1.0, -1.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, -1.0]]]\n[[1.0, 2.0], [3.0, 4.0]]\n"
        "[[-2.0, 2.0], [-2.0, 2.0]]\n[-8.0, -12.0]\n")
    assert run("jacobian", "x*y/3", "--at", "x=2,y=1", "--quiet", "--precision", "3").out == "0.333\n0.667\n"


def test_a_large_jacobian_is_summarised_and_json_has_it(run):
    point = ("--at", "x=[" + ",".join(map(str, range(20))) + "]")
    lines = run("jacobian", "y = x^2", *point, "--format", "plain").out.splitlines()
    assert lines[-4:] == [
        "∂y/∂x = 20×20, 0 … 38, norm 99.4", "", "reverse: 20 sweeps; forward takes as many",
        "of an array of more than 200 entries only the shape, the range and the norm stand here; --json has them all"]
    found = json.loads(run("jacobian", "y = x^2", *point, "--json").out)["jacobian"]["y"]["x"]
    assert [found[k][k] for k in range(20)] == [2.0 * k for k in range(20)]


def test_a_wide_jacobian_is_a_nested_list(run):
    point = ("--at", "x=[" + ",".join(["1"] * 13) + "]")
    assert "\n∂y/∂x = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" in run(
        "jacobian", "y = sum(x)", *point, "--format", "plain").out


def test_hessian_table(run):
    assert run("hessian", *LAYER, "--wrt", "x") == (0, HESSIAN, "")


def test_hessian_of_two_arrays_has_all_four_parts(run):
    out = run("hessian", "x@A@x", "--at", "x=[1,2],A=[[1,2],[3,4]]", "--format", "plain").out
    parts = [line for line in out.splitlines() if line.startswith("∂²")]
    assert parts == ["∂²(x@A@x)/∂x², 2×2", "∂²(x@A@x)/∂x∂A, 2×2×2", "∂²(x@A@x)/∂A∂x, 2×2×2", "∂²(x@A@x)/∂A², 2×2×2×2"]
    assert "\n      A[0, 0]  A[0, 1]  A[1, 0]  A[1, 1]\nx[0]        2        2        2        0\n" in out


def test_hessian_of_numbers(run):
    assert run("hessian", "f = x^2*y", "--at", "x=1,y=2", "--format", "plain").out == (
        "f = 2\n\nHessian of f, 2×2\n   x  y\nx  4  2\ny  2  0\n")
    assert run("hessian", "f = x^3", "--at", "x=2", "--format", "plain").out == "f = 8\n\n∂²f/∂x² = 12\n"
    assert run("hessian", "x^2*y", "--at", "x=1,y=2", "--format", "latex").out.splitlines()[-1] == (
        r"H = \begin{pmatrix} 4 & 2 \\ 2 & 0 \end{pmatrix}")
    assert run("hessian", "x^2*y", "--at", "x=1,y=2", "--quiet").out == "4.0\n2.0\n2.0\n0.0\n"


def test_hessian_of_an_array_has_its_entries_first(run):
    out = run("hessian", "y = x^2*c", "--at", "x=[1,2],c=2", "--wrt", "c,x", "--format", "plain").out
    assert "∂²y/∂c∂x, 2×2\n        x[0]  x[1]\ny[0] c     2     0\ny[1] c     0     4\n" in out
    assert "∂²y/∂x², 2×2×2\n           x[0]  x[1]\ny[0] x[0]     4     0\n" in out


def test_hessian_json(run):
    answer = json.loads(run("hessian", *LAYER, "--wrt", "x", "--json").out)
    assert (answer["command"], answer["outputs"], answer["hessian"]) == (
        "hessian", ["z"], {"x": {"x": [[20.0, 28.0], [28.0, 40.0]]}})


def test_eigenvalues(run):
    arguments = ("hessian", "f = sum(x^4)", "--at", "x=[1,2,3]", "--eigenvalues", "3")
    assert run(*arguments, "--format", "plain").out == (
        "f = 98\n\n3 eigenvalues of the Hessian of f\nλ1 = 12\nλ2 = 48\nλ3 = 108\n")
    assert json.loads(run(*arguments, "--json").out)["eigenvalues"] == pytest.approx([12.0, 48.0, 108.0])
    assert [float(line) for line in run(*arguments, "--quiet").out.split()] == pytest.approx([12.0, 48.0, 108.0])
    assert r"\lambda_{1} = 12" in run(*arguments, "--format", "latex").out
    assert run("hessian", "x^2", "--at", "x=1", "--eigenvalues", "0").status == 2


JVP = ("jvp", "y = W@x", "--at", "W=[[1,2],[3,4]],x=[1,-1]", "--tangent", "x=[1,0]")
VJP = ("vjp", "y = W@x", "--at", "W=[[1,2],[3,4]],x=[1,-1]", "--cotangent", "y=[1,0]")
HVP = ("hvp", "f = sum(x^3)", "--at", "x=[1,2,3]", "--vector", "x=[1,0,0]")


@pytest.mark.parametrize(("arguments", "plain", "latex", "quiet", "found"), [
    (JVP, "y = [-1, -1]\n\nJ·v for y = [1, 3]\n", r"\left(J v\right)_{y} = \begin{pmatrix} 1 \\ 3 \end{pmatrix}",
     "[1.0, 3.0]\n", {"y": [1.0, 3.0]}),
    (VJP, "y = [-1, -1]\n\nv·J for W = [[1, -1],\n             [0,  0]]\nv·J for x = [1, 2]\n",
     r"\left(v J\right)_{x} = \begin{pmatrix} 1 \\ 2 \end{pmatrix}", "[[1.0, -1.0], [0.0, 0.0]]\n[1.0, 2.0]\n",
     {"W": [[1.0, -1.0], [0.0, 0.0]], "x": [1.0, 2.0]}),
    (HVP, "f = 36\n\nH·v for x = [6, 0, 0]\n", r"\left(H v\right)_{x} = \begin{pmatrix} 6 \\ 0 \\ 0 \end{pmatrix}",
     "[6.0, 0.0, 0.0]\n", {"x": [6.0, 0.0, 0.0]}),
    (("jvp", "x*y", "--at", "x=2,y=3", "--tangent", "x=1", "--tangent", "y=10"), "x*y = 6\n\nJ·v for (x*y) = 23\n",
     r"\left(J v\right)_{x y} = 23", "23.0\n", {"x*y": 23.0}),
    (("vjp", "x*y", "--at", "x=2,y=3", "--wrt", "y"), "x*y = 6\n\nv·J for y = 2\n", r"\left(v J\right)_{y} = 2", "2.0\n",
     {"y": 2.0}),
    (("hvp", "x^2*y", "--at", "x=2,y=3", "--vector", "x=1"), "x^2*y = 12\n\nH·v for x = 6\nH·v for y = 4\n",
     r"\left(H v\right)_{y} = 4", "6.0\n4.0\n", {"x": 6.0, "y": 4.0}),
])
def test_products(run, arguments, plain, latex, quiet, found):
    assert run(*arguments, "--format", "plain") == (0, plain, "")
    assert run(*arguments) == (0, plain, "")
    assert run(*arguments, "--format", "latex").out.splitlines()[-1] == latex
    assert run(*arguments, "--quiet") == (0, quiet, "")
    answer = json.loads(run(*arguments, "--json").out)
    assert (answer["schema"], answer["command"], answer[arguments[0]]) == ("gradcalc/1", arguments[0], found)


@pytest.mark.parametrize("cotangent", ["[1,1]", " [1, 2/2]", "[[1,1],[0,1]][0]"])
def test_the_cotangent_of_one_output_needs_no_name(run, cotangent):
    assert run("vjp", "x^2", "--at", "x=[1,2]", "--cotangent", cotangent, "--quiet").out == "[2.0, 4.0]\n"
    assert run("vjp", "y = x^2; 0", "--of", "y", "--at", "x=[1,2]", "--cotangent", cotangent, "--quiet").out == "[2.0, 4.0]\n"


def test_a_negative_cotangent(run):
    assert run("vjp", "x^2", "--at", "x=2", "--cotangent", "-1", "--quiet").out == "-4.0\n"


def test_several_cotangents_name_the_outputs(run):
    done = run("vjp", "u = x^2; v = 3*x; 0", "--at", "x=2", "--cotangent", "u=1,v=10", "--quiet")
    assert done == (0, "34.0\n", "")


def test_an_output_that_is_named_by_its_text(run):
    arguments = ("hypot(x, y)", "--at", "x=3,y=4", "--of", "hypot(x, y)", "--quiet")
    assert run("jacobian", *arguments).out == "0.6\n0.8\n"
    assert run("vjp", *arguments, "--cotangent", "10").out == "6.0\n8.0\n"


def test_nothing_to_differentiate_with_respect_to(run):
    for command in ("jacobian", "hessian", "vjp"):
        assert run(command, "1 + 2", "--format", "plain") == (0, "1 + 2 = 3\n", "")


def test_a_direction_from_a_file_and_from_standard_input(run, tmp_path):
    (tmp_path / "v.json").write_text('{"x": [1, 0]}', encoding="utf-8")
    assert run("jvp", "x^2", "--at", "x=[1,2]", "--tangent", f"@{tmp_path / 'v.json'}", "--quiet").out == "[2.0, 0.0]\n"
    assert run("hvp", "sum(x^2)", "--at", "x=[1,2]", "--vector", "-", "--quiet", stdin='{"x": [1, 3]}').out == "[2.0, 6.0]\n"
    assert run("jvp", "--at", "x=[1,2]", "--tangent", "x=[1,1]", "--quiet", stdin="x^2").out == "[2.0, 4.0]\n"
    twice = run("jvp", "x^2", "--at", "-", "--tangent", "-", stdin='{"x": 1}')
    assert (twice.status, twice.err.splitlines()[0]) == (
        2, "error: '-' stands twice, and standard input can be read only once")


@pytest.mark.parametrize(("arguments", "message"), [
    (["jvp", "x^2", "--at", "x=1"], "error: --tangent is missing\n  say which way: --tangent x=1\n"),
    (["hvp", "x^2", "--at", "x=[1]"], "error: --vector is missing\n  say which way: --vector x=[…]\n"),
    (["jvp", "x^2", "--at", "x=1", "--tangent", "x"],
     "error: 'x' after --tangent is not of the form name=value\n  x\n  ^\n  write --tangent x=1,y=2\n"),
    (["jvp", "x^2", "--at", "x=1", "--tangent", "x=1/0"],
     "error: 1/0: the divisor must not be zero, in the value of 'x' after --tangent\n  x=1/0\n    ^^^\n"),
    (["vjp", "x^2", "--at", "x=[1,2]", "--cotangent", "[1,a]"],
     "error: the value after --cotangent uses the name 'a'\n  [1,a]\n     ^\n"),
    (["vjp", "u = x; v = x", "--of", "u,v", "--at", "x=1", "--cotangent", "[1,1]"],
     "error: a value of --cotangent has no name, and the outputs are 'u' and 'v'\n  write --cotangent u=…\n"),
    (["vjp", "u = x", "--at", "x=1", "--cotangent", "[1,1]", "--cotangent", "u=1"],
     "error: a value of --cotangent has no name\n  write --cotangent u=…\n"),
    (["jvp", "x*y", "--at", "x=1,y=1", "--tangent", "x=1", "--wrt", "y"],
     "error: --tangent has a value for 'x', which --wrt does not name\n"),
    (["jvp", "x*y", "--at", "x=1,y=1", "--tangent", "x=1", "--wrt", "x,q"],
     "error: the program has no name 'q', which --wrt names\n"),
    (["jvp", "x^2", "--at", "x=[1,2]", "--tangent", "x=[1,2,3]"], "error: the tangent of 'x' has the shape [3], and "),
    (["vjp", "y = x^2", "--at", "x=[1,2]"], "error: a cotangent is missing: 'y' is an array of shape [2]\n"),
    (["jacobian", "x^2"], "error: no value for 'x'\n"),
    (["jacobian", "x", "--at", "x=1", "--mode", "forwrad"],
     "error: 'forwrad' is no value of --mode\n  did you mean 'forward'?\n"),
    (["jacobian", "x", "--at", "x=1", "--dtype", "float16"], "error: 'float16' is no value of --dtype\n"),
    (["jacobian", "x", "--at", "x=1", "--of", "y"], "error: the program has no node 'y'\n"),
    (["hessian"], "error: an expression is missing\n"),
])
def test_bad_input(run, arguments, message):
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(message)
    as_json = run(*arguments, "--json")
    assert (as_json.status, as_json.out) == (2, "")
    assert "error: " + json.loads(as_json.err)["error"]["message"] == message.split("\n")[0] or not message.endswith("\n")


def test_jvp_with_wrt_that_agrees(run):
    assert run("jvp", "x*y", "--at", "x=2,y=3", "--tangent", "x=1", "--wrt", "x, y", "--quiet").out == "3.0\n"


@pytest.mark.parametrize("command", ["jacobian", "hessian", "jvp", "vjp", "hvp"])
def test_notes(run, command):
    direction = {"jvp": ["--tangent", "x=1"], "hvp": ["--vector", "x=1"]}.get(command, [])
    done = run(command, "x^2", "--at", "x=1,q=2", *direction, "--strict", "--quiet")
    assert (done.status, done.err) == (3, "note: the value of 'q' is not needed\n")
    assert json.loads(run(command, "x^2", "--at", "x=1,q=2", *direction, "--json").out)["notes"][0]["code"] == "unused"


@pytest.mark.parametrize(("arguments", "place"), [
    (["jacobian", "1 + log(x)", "--at", "x=[1,-1]"], "      ^^^^^^"), (["jacobian", "sqrt(x)", "--at", "x=0"], "  ^^^^^^^"),
    (["hessian", "1/x", "--at", "x=0"], "  ^^^")])
def test_undefined_is_status_3(run, arguments, place):
    done = run(*arguments)
    assert (done.status, done.out) == (3, "")
    assert f"\n  {arguments[1]}\n{place}\n" in done.err


def test_single_precision(run):
    arguments = ("jacobian", "x/3", "--at", "x=[1]", "--dtype", "float32")
    assert run(*arguments, "--quiet").out == "[[0.3333333432674408]]\n"
    assert "x[0]\n(x/3)[0]  0.3333333\n" in run(*arguments, "--format", "plain").out
