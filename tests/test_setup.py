"""The set-up: which Python it takes, and that what declares the Pythons says the same everywhere."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from ui.doctor import LEAST_PYTHON, MOST_PYTHON

ROOT = Path(__file__).resolve().parent.parent


def choose(folder: Path, given: str = "", **pythons: bool) -> "subprocess.CompletedProcess[str]":
    """Run the choice where there are just these commands, of which some work."""
    for name, works in pythons.items():
        command = folder / name.replace("_", ".")
        command.write_text(f"#!/bin/sh\nexit {0 if works else 127}\n")
        command.chmod(0o755)
    # env, and the bash that it looks for, must be found
    return subprocess.run(
        ["/bin/bash", ROOT / "scripts" / "choose_python", given],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_that_works_is_taken(tmp_path: Path) -> None:
    # a version manager has a command for each version that it knows, also for those that are not in use
    done = choose(tmp_path, python3_13=False, python3_12=True, python3_11=True, python3=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}/python3.12\n", "")
    done = choose(tmp_path, given=str(tmp_path / "python3.11"))
    assert done.stdout == f"{tmp_path}/python3.11\n"


@pytest.mark.parametrize("given", ["", "python3.13", "/nowhere/python"])
def test_without_one_the_mend_is_said(given: str, tmp_path: Path) -> None:
    done = choose(tmp_path, given, python3_13=False, python3=False)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "需要 Python 3.11、3.12 或 3.13" in line and "make PYTHON=" in line


def test_everything_names_the_same_pythons() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [f"3.{minor}" for minor in range(LEAST_PYTHON[1], MOST_PYTHON[1] + 1)]
    assert project["requires-python"] == f">={versions[0]},<3.{MOST_PYTHON[1] + 1}"
    assert [one.rpartition(" ")[2] for one in project["classifiers"]] == versions
    script = (ROOT / "scripts" / "choose_python").read_text(encoding="utf-8")
    assert re.findall(r"python(3\.\d+) ", script) == versions[::-1]
    assert str(LEAST_PYTHON) in script and str(MOST_PYTHON) in script
    assert f"Python {versions[0]}、{versions[1]} 或 {versions[2]}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_file_that_a_package_needs_is_in_the_wheel() -> None:
    """What git keeps in a package and is no Python must be named as its data; packages must all be listed."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    tops = {name.partition(".")[0] for name in tool["packages"]}
    files = [Path(folder, name) for top in tops for folder, _, names in os.walk(ROOT / top) for name in names]
    kept = [path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts]
    assert {".".join(path.parent.parts) for path in kept if path.suffix == ".py"} == set(tool["packages"])
    named = {
        found.relative_to(ROOT)
        for package, patterns in tool["package-data"].items()
        for pattern in patterns
        for found in ROOT.joinpath(*package.split(".")).rglob(pattern.replace("/**", "/*").rpartition("/")[2])
    }
    assert [path for path in kept if path.suffix != ".py" and path not in named] == []
