"""What a run ran in, exactly enough to make it again, and without values of the environment."""

import json
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from runtrack_jupyter.capture.environment import environment, requirements_txt
from runtrack_jupyter.capture.modules import local_modules, module_sources


def test_packages_and_interpreter_are_those_of_this_process() -> None:
    found = environment()
    versions = {package.name.lower(): package.version for package in found.packages}

    assert found.python == platform.python_version()
    assert found.executable == sys.executable
    assert versions["numpy"] == metadata.version("numpy")
    assert found.processors >= 1
    assert found.memory > 100_000_000
    assert found.captured_at.tzinfo is not None


def test_environment_variables_are_kept_by_name_only() -> None:
    found = environment(environ={"API_TOKEN": "s3cr3t-value", "HOME": "/home/maya"})

    assert found.variables == ("API_TOKEN", "HOME")
    assert "s3cr3t" not in repr(found)


def test_pip_can_read_the_requirements() -> None:
    found = environment()
    lines = [line for line in requirements_txt(found).splitlines() if not line.startswith("#")]

    assert f"numpy=={metadata.version('numpy')}" in lines
    assert all(Requirement(line).name for line in lines)


def test_what_did_not_come_from_an_index_says_where_from_without_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, direct in {
        "fromgit": {
            "url": "https://maya:s3cr3t@example.org/a.git",
            "vcs_info": {"vcs": "git", "commit_id": "abc123"},
            "subdirectory": "py",
        },
        "local": {"url": "file:///home/maya/local", "dir_info": {"editable": True}},
        "broken": None,
    }.items():
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" if direct else ""
        )
        (folder / "direct_url.json").write_text(json.dumps(direct))
    monkeypatch.syspath_prepend(str(tmp_path))

    found = environment()
    sources = {package.name: package.source for package in found.packages}

    assert sources["fromgit"] == "git+https://example.org/a.git@abc123#subdirectory=py"
    assert sources["local"] == "file:///home/maya/local"
    assert "broken" not in sources
    text = requirements_txt(found)
    assert "fromgit @ git+https://example.org/a.git@abc123#subdirectory=py\n" in text
    assert "# local==1.0 from file:///home/maya/local\n" in text


def test_only_the_project_s_imported_sources_are_local(tmp_path: Path) -> None:
    """Not what is installed into a .venv in the project, not the standard library, not what was never imported."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from pkg import part\n")
    (tmp_path / "pkg" / "part.py").write_text("x = 1\n")
    (tmp_path / "unused.py").write_text("x = 1\n")
    installed = tmp_path / ".venv" / "lib" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "lib.py").write_text("x = 1\n")
    code = f"""
import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(installed)!r}]
import pkg, lib, json
from runtrack_jupyter.capture.modules import local_modules
print("\\n".join(local_modules(sys.modules, [{str(tmp_path)!r}, ""])))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert done.stdout.split() == [str(tmp_path / "pkg" / "__init__.py"), str(tmp_path / "pkg" / "part.py")]


def test_the_interpreter_s_own_modules_are_never_local() -> None:
    found = local_modules(sys.modules, [sys.prefix, sys.base_prefix])

    assert [path for path in found if "/json/" in path or "numpy" in path] == []


def test_sources_are_kept_by_their_path_and_limits_are_gaps(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    (tmp_path / "large.py").write_bytes(b"#" * 100)
    files = [str(tmp_path / name) for name in ("a.py", "large.py", "gone.py")]

    sources, gaps = module_sources([*files, __file__], tmp_path, largest=50)
    outside, _ = module_sources([__file__], tmp_path)

    assert sources == {"a.py": b"x = 1\n"}
    assert [gap.kind for gap in gaps] == ["too-large", "missing", "too-large"]
    assert list(outside) == [__file__.lstrip("/")]
