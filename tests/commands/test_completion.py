"""Shell completion, by the protocol that click's scripts speak."""

import pytest

from gradcalc.render import format_names


def completions(process, *words: str) -> list[str]:
    done = process(_GRADCALC_COMPLETE="bash_complete", COMP_WORDS=" ".join(["gradcalc", *words]),
                   COMP_CWORD=str(len(words)))
    assert done.err == ""
    return [line.partition(",")[2] for line in done.out.split()]


@pytest.mark.parametrize(("words", "expected"), [
    (["e"], ["eval", "examples"]),
    (["diff", "-x^2", "--mode", "f"], ["forward", "finite"]),
    (["compare", "--modes", "a"], ["all"]),
    (["compare", "--modes", "forward,fi"], ["forward,finite"]),
    (["diff", "x", "--at", "x=-1", "--format", ""], format_names()),
    (["modes", "--color", "a"], ["auto", "always"]),
    (["diff", "--scheme", "c"], ["central"]),
    (["diff", "-x", "--pre"], ["--precision"]),
    (["j"], ["jacobian", "jvp"]),
    (["h"], ["hessian", "hvp", "help"]),
    (["help", "lan"], ["language"]),
    (["help", "hess"], ["hessian"]),
    (["v"], ["vjp"]),
    (["jacobian", "x^2", "--mode", ""], ["forward", "reverse"]),
    (["eval", "--dtype", "float"], ["float64", "float32"]),
    (["jvp", "--t"], ["--tangent"]),
    (["vjp", "--co"], ["--cotangent", "--color"]),
    (["hvp", "--v"], ["--vector"]),
    (["hessian", "--e"], ["--eigenvalues"]),
    (["diff", "--o"], ["--of", "--order"]),
    (["diff", "--ch"], ["--checkpoint"]),
])
def test_completion(process, words, expected):
    assert completions(process, *words) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_for_a_shell(process, shell):
    done = process(_GRADCALC_COMPLETE=f"{shell}_source")
    assert done.status == 0
    assert "_GRADCALC_COMPLETE" in done.out
