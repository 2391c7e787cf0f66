"""Whether what came back is what was there."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.inkernel.looking import ABSENT
from benchmarks.systems.system import Checkout

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the probes of one state said after going back to it."""

    right: int
    said: tuple[str, ...]  # wrong, and the system said that this did not come back
    silent: tuple[str, ...]  # wrong, and nothing was said


def judge(then: Mapping[str, str], now: Mapping[str, str], checkout: Checkout) -> Verdict:
    """Compare what probes gave when the state was kept with what they give after going back to it.

    A probe of something that was not there and is not there proves nothing and does not count. A wrong one counts as
    said where the system reported that nothing came back, or named a variable that the expression reads.
    """
    wrong = [probe for probe, value in then.items() if now[probe] != value]
    absent = [probe for probe, value in then.items() if value.startswith(ABSENT) and probe not in wrong]
    said = [probe for probe in wrong if checkout.error or _names_in(probe) & checkout.gaps.keys()]
    return Verdict(
        right=len(then) - len(wrong) - len(absent),
        said=tuple(said),
        silent=tuple(probe for probe in wrong if probe not in said),
    )


def _names_in(expression: str) -> frozenset[str]:
    names: set[str] = set()
    codes = [compile(expression, "<probe>", "eval")]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_names")]
    return frozenset(names)
