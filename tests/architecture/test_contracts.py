"""The import contracts and the linter's bans, each seen to bite."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: list[str] = CONFIGURATION["tool"]["importlinter"]["root_packages"]
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["name"]: contract for contract in CONFIGURATION["tool"]["importlinter"]["contracts"]
}
FLOORS = [layer.split(" | ") for layer in CONTRACTS["Imports go down the floors"]["layers"]]
LAYERED = {name: contract for name, contract in CONTRACTS.items() if "containers" in contract}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty house with every room and every module that a contract names."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    for contract in LAYERED.values():
        for module in modules(contract):
            (tmp_path / contract["containers"][0] / f"{module}.py").touch()
    for module in CONTRACTS["Pure modules know no framework"]["source_modules"]:
        if "." in module:
            (tmp_path / (module.replace(".", "/") + ".py")).touch()
    return tmp_path


def modules(contract: dict[str, Any]) -> list[str]:
    return [module for layer in layers(contract) for module in layer]


def layers(contract: dict[str, Any]) -> list[list[str]]:
    return [[module.strip(" ()") for module in layer.replace("|", ":").split(":")] for layer in contract["layers"]]


def broken(house: Path) -> list[str]:
    """The names of the contracts that a house breaks."""
    return broken_of(report(house))


def broken_of(said: str) -> list[str]:
    return [name for name in CONTRACTS if f"{name} BROKEN" in said]


def report(house: Path) -> str:
    """All that is said of a house: which contracts it breaks, and by what."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=house, capture_output=True, text=True, env={"PYTHONPATH": str(house)}
    )
    if done.returncode:
        assert "Contracts" in done.stdout, done.stdout + done.stderr
    return done.stdout


def let_know(house: Path, knower: str, known: str) -> None:
    """Have one module import another, beside what it imports already."""
    path = house / knower.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    with file.open("a", encoding="utf-8") as written:
        written.write(f"import {known}\n")


def test_an_empty_house_keeps_every_contract(house: Path) -> None:
    assert broken(house) == []


def test_a_room_that_knows_a_higher_one_or_its_neighbour_is_found(house: Path) -> None:
    pairs = [
        *((low, up) for above, below in zip(FLOORS, FLOORS[1:], strict=False) for up in above for low in below),
        *(("imagery", "assessments"), ("assessments", "imagery"), ("privacy", "rehearsal"), ("accounts", "config")),
        *(("protocol", "representations"), ("representations", "protocol")),
    ]
    for knower, known in pairs:
        let_know(house, knower, known)
    said = report(house)
    assert broken_of(said) == ["Imports go down the floors"]
    missed = [each for each in pairs if "{} is not allowed to import {}:".format(*each) not in said]
    assert missed == []


def test_a_module_that_knows_a_higher_layer_is_found_in_every_room(house: Path) -> None:
    for contract in LAYERED.values():
        room = contract["containers"][0]
        above, below = layers(contract)[-2], layers(contract)[-1]
        let_know(house, f"{room}.{below[0]}", f"{room}.{above[0]}")
    assert set(broken(house)) == set(LAYERED)


def test_a_module_without_a_place_is_found_in_every_room(house: Path) -> None:
    for contract in LAYERED.values():
        (house / contract["containers"][0] / "helpers.py").touch()
    assert set(broken(house)) == set(LAYERED)


def test_a_pure_module_that_knows_a_framework_is_found(house: Path) -> None:
    pairs = [
        *((module, "django") for module in CONTRACTS["Pure modules know no framework"]["source_modules"]),
        *(("protocol", "rest_framework"), ("protocol", "redis")),
    ]
    for module, framework in pairs:
        let_know(house, module, "django.db" if framework == "django" else framework)
    said = report(house)
    assert broken_of(said) == ["Pure modules know no framework"]
    assert [each for each in pairs if "{} is not allowed to import {}:".format(*each) not in said] == []


def test_a_pure_module_that_knows_a_framework_through_another_is_found(house: Path) -> None:
    let_know(house, "coaching.roles", "django.db")
    let_know(house, "coaching.schedule", "coaching.roles")
    assert broken(house) == ["Pure modules know no framework"]


def test_celery_outside_the_tasks_is_found(house: Path) -> None:
    let_know(house, "coaching.tasks", "celery")
    assert broken(house) == []
    let_know(house, "coaching.services", "celery")
    assert broken(house) == ["Only tasks and config know Celery"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("from django.dispatch import receiver", "TID251"),
        ("from django.db.models.signals import post_save", "TID251"),
        ("from django.apps import apps\n\napps.get_model('coaching', 'Study')", "TID251"),
        ("import os\n\nprint(os.environ['DEBUG'])", "TID251"),
        ("import random\n\nrandom.shuffle([1, 2])", "TID251"),
        ("import random\n\nrandom.choice([1, 2])", "TID251"),
        ("from datetime import UTC, datetime\n\nnow = datetime.now(UTC)", "TID251"),
        ("from django.utils import timezone\n\nnow = timezone.now()", "TID251"),
        ("import time\n\nnow = time.time()", "TID251"),
        ("from . import models", "TID252"),
        ("def start() -> None:\n    import json", "PLC0415"),
        ("x = 1  # type: ignore", "PGH003"),
        ("print('debugging')", "T201"),
    ],
)
def test_the_linter_refuses_what_the_house_style_forbids(line: str, rule: str) -> None:
    done = subprocess.run(
        [
            BIN / "ruff",
            "check",
            "--no-cache",
            "--output-format",
            "concise",
            "--stdin-filename",
            "coaching/thing.py",
            "-",
        ],
        cwd=ROOT,
        input=line,
        capture_output=True,
        text=True,
    )
    assert rule in done.stdout


def test_the_type_checker_is_strict_over_every_room() -> None:
    mypy = CONFIGURATION["tool"]["mypy"]
    assert mypy["strict"] is True
    assert sorted(mypy["packages"]) == sorted(ROOMS)
