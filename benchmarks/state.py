"""What keeping every state costs and what comes back: Runtrack and its peers side by side.

``python benchmarks/state.py`` plays sessions of cells on a bare kernel, on Runtrack, and on what else is installed in
``benchmarks/.peers`` (``make bench-peers`` puts dill, Kishu and torch there), goes back to every cell, and prints
tables in Markdown. Progress goes to stderr. ``--scale 0.1`` is for a quick look.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # at the end: what is measured is what is installed

from benchmarks.aims.catalogue import AIMS
from benchmarks.aims.figure import Figure, Workshop
from benchmarks.kernels import can_import
from benchmarks.playing import Options, Played, play
from benchmarks.sessions.catalogue import SESSIONS
from benchmarks.surroundings import described, python_with_peers
from benchmarks.systems.catalogue import SYSTEMS
from benchmarks.systems.system import System
from benchmarks.tables import aims_table, session_table


def say(text: str) -> None:
    """Tell whoever waits."""
    print(text, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> None:
    """Play and print."""
    arguments = _arguments().parse_args(argv)
    python = arguments.python or python_with_peers()
    options = Options(
        python=python,
        cell_seconds=arguments.timeout,
        system_seconds=arguments.back,
        checkouts=arguments.checkouts,
        progress=say,
    )
    systems, absent = _usable(["untracked", *arguments.systems], python)
    print(described(python, absent, arguments.scale), flush=True)
    results: dict[str, list[list[Played]]] = {}
    for name in arguments.sessions:
        results[name] = _session(name, arguments, systems, options)
        if arguments.json:
            plain = {
                key: [[dataclasses.asdict(one) for one in run] for run in runs]
                for key, runs in results.items()
            }
            arguments.json.write_text(json.dumps(plain, indent=1))
    if arguments.aims:
        print("\n" + aims_table(_figures(arguments, python)), flush=True)


def _figures(arguments: argparse.Namespace, python: str) -> list[Figure]:
    figures: list[Figure] = []
    for name in arguments.aims:
        with tempfile.TemporaryDirectory(dir=arguments.folder, ignore_cleanup_errors=True) as folder:
            workshop = Workshop(folder=Path(folder), python=python, scale=arguments.scale, progress=say)
            for figure in AIMS[name](workshop):
                say(f"  {figure.what}: {figure.measured}, aim {figure.aim}")
                figures.append(figure)
    return figures


def _session(
    name: str, arguments: argparse.Namespace, systems: list[System], options: Options
) -> list[list[Played]]:
    session = SESSIONS[name](arguments.scale)
    lacking = [module for module in session.needs if not can_import(options.python, module)]
    if lacking:
        print(f"\n### {session.name}: not measured, {' and '.join(lacking)} is not installed", flush=True)
        return []
    runs = []
    for _ in range(arguments.repeat):
        with tempfile.TemporaryDirectory(dir=arguments.folder, ignore_cleanup_errors=True) as folder:
            runs.append(play(session, systems, Path(folder), options))
        options = dataclasses.replace(options, checkouts=0)  # once is enough: they are exact
    print("\n" + session_table(session, runs), flush=True)
    return runs


def _usable(names: list[str], python: str) -> tuple[list[System], dict[str, str]]:
    """Return the systems that can run, and why others cannot."""
    systems = [SYSTEMS[name]() for name in dict.fromkeys(names)]
    absent = {system.name: system.missing(python) for system in systems}
    usable = [system for system in systems if not absent[system.name]]
    return usable, {name: why for name, why in absent.items() if why}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--sessions", type=_among(SESSIONS), default=list(SESSIONS), help=", ".join(SESSIONS))
    add("--systems", type=_among(SYSTEMS), default=list(SYSTEMS), help=", ".join(SYSTEMS))
    add("--aims", type=_among(AIMS), default=list(AIMS), help=f"single figures: {', '.join(AIMS)}")
    add("--scale", type=float, default=1.0, help="of all data sizes")
    add("--repeat", type=int, default=1, help="times each session is played")
    add("--checkouts", type=int, default=30, help="ways back, at most, for one system and session")
    add("--timeout", type=float, default=300.0, help="seconds a cell or a way back may take")
    add("--back", type=float, default=1200.0, help="seconds for all ways back of a system and session")
    add("--python", help="that kernels run on; by default that of benchmarks/.peers, else this one")
    add("--folder", help="for homes and stores; by default the temporary one")
    add("--json", type=Path, help="a file for all that was measured")
    return parser


def _among(known: Mapping[str, object]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        chosen = [] if text == "none" else text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)} among {', '.join(known)}")
        return chosen

    return names


if __name__ == "__main__":
    main()
