"""What is installed from a wheel or an sdist works away from the checkout, grammar included."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import qdsl


def hatch(root: Path, kind: str, folder: Path) -> Path:
    """Build a wheel or an sdist of the project at `root`, with no network and no isolation."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatch(root, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip builds it from the sdist: what either lacks is missing here."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return hatch(unpacked, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel in it; returns the folder of its commands.

    Dependencies are borrowed from the environment that runs the tests, through a .pth file: paths in it
    come after the new environment's own, and .pth files found there are not followed, so an editable
    install of qdsl cannot stand in for the wheel.
    """
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path(sys.executable).with_stem("python").name
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    purelib = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    borrowed = dict.fromkeys([*sysconfig.get_paths().values(), *site.getsitepackages()])
    packages = [path for path in borrowed if path.endswith(("site-packages", "dist-packages"))]
    (Path(purelib) / "borrowed.pth").write_text("\n".join(packages) + "\n", encoding="utf-8")
    return scripts


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_sdist_holds_what_a_developer_needs(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "grammar/qw.lark",
        "examples/finite_well.qw",
        "tests/conftest.py",
        "constraints.txt",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "qdsl/py.typed",
    ):
        assert needed in names, f"{needed} is missing from the sdist"


def test_wheel_holds_the_package_and_nothing_else(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert "qdsl/grammar/qw.lark" in names
    assert "qdsl/library/morse.qw" in names
    assert "qdsl/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"qdsl", f"qdsl-{qdsl.__version__}.dist-info"}


def test_version_has_one_source(wheel: Path, installed: Path, tmp_path: Path):
    assert wheel.name.startswith(f"qdsl-{qdsl.__version__}-")
    assert run([installed / "qdsl", "--version"], tmp_path).stdout.strip() == f"qdsl {qdsl.__version__}"


def test_installed_wheel_is_the_one_in_use(installed: Path, tmp_path: Path):
    where = run([installed / "python", "-c", "import qdsl; print(qdsl.__file__)"], tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.parent)


def test_installed_wheel_solves_an_example(installed: Path, examples: Path, tmp_path: Path):
    shutil.copy(examples / "finite_well.qw", tmp_path)
    outcome = run([installed / "qdsl", "solve", "finite_well.qw", "--json"], tmp_path)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    document = json.loads(outcome.stdout)
    assert document["states"][0]["energy"] == pytest.approx(1.639480147541, rel=1e-9)
