"""`python -m representations`: what it says, what it takes, and what it writes."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from representations.commands import METHODS, _asked, main
from representations.designs import drawn_features, drawn_weights, played

pytestmark = pytest.mark.once

QUICK = ["--draws", "20", "--shuffles", "20", "--measure", "pearson"]
THINGS = ("sea", "boat", "sun", "wall", "cup", "key", "tree", "door", "lamp", "hat", "road")
ITEMS = [f"item {k:02d}" for k in range(8)]


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Six people's ratings of all pairs of eight items, twice."""
    generator = np.random.default_rng(5)
    weights = drawn_weights(np.ones(4), 6, 0.5, generator)
    judged = played(drawn_features(8, 4, generator), weights, 4.0, 56, generator)
    rows = zip(judged.person, judged.first, judged.second, judged.value, strict=True)
    lines = [
        f"{judged.people[p]},{ITEMS[a]},{ITEMS[b]},{value:.4f},{trial}"
        for trial, (p, a, b, value) in enumerate(rows, 1)
    ]
    file = tmp_path / "pairs.csv"
    file.write_text("participant,a,b,rating,trial\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    file = tmp_path / "participants.csv"
    file.write_text("participant,study,group\n" + "".join(f"P{k},s,{'ab'[k % 2]}\n" for k in range(1, 7)))
    return file


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A table of drawings: three people, four things each, and a row without a drawing; pictures and stimuli beside."""
    folder = tmp_path / "drawings"
    folder.mkdir()
    generator = np.random.default_rng(2)
    shapes = {name: generator.uniform(20, 140, size=(6, 2)) for name in ("boat", "cup", "key", "tree")}
    rows = ["participant,timepoint,script,stage,condition,file,status"]
    for item, shape in shapes.items():
        picture(folder / f"{item}.png", shape)
        for person in ("P1", "P2", "P3"):
            picture(folder / f"{person}{item}.png", shape + generator.normal(0, 4, size=shape.shape))
            rows.append(f"{person},t1,things,{item},memory,{person}{item}.png,drawn")
    rows.append("P3,t2,things,boat,memory,,skipped")
    (tmp_path / "drawings.csv").write_text("\n".join(rows) + "\n")
    stimuli = "".join(f"things,{item},{item}.png\n" for item in shapes)
    (tmp_path / "stimuli.csv").write_text("script,stage,file\n" + stimuli)
    return tmp_path / "drawings.csv"


def picture(file: Path, places: np.ndarray) -> None:
    image = Image.new("L", (160, 160), 255)
    ImageDraw.Draw(image).line([tuple(place) for place in places], fill=0, width=5)
    image.save(file)


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def ends(status: int, *arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == status


# --- what it says ----------------------------------------------------------------------------------------------------


def test_help_names_every_method(capsys: pytest.CaptureFixture[str]) -> None:
    ends(0, "--help")
    said = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +{re.escape(does)}$", said, re.MULTILINE) for name, (_, does) in METHODS.items())


@pytest.mark.parametrize("name", METHODS)
def test_the_help_of_a_method_says_which_files_it_takes_with_an_example_that_can_be_asked(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    ends(0, name, "--help")
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 120
    example = said.partition("for example:\n")[2].replace("\n    ", " ")
    calls = [shlex.split(line) for line in example.strip().splitlines()]
    assert calls
    method = import_module(f"representations.commands.{METHODS[name][0]}")
    for python, dash, package, asked, *arguments in calls:
        assert [python, dash, package, asked] == ["python", "-m", "representations", name]
        _asked(name, method, arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: METHOD"),
        (["colouring"], "argument METHOD: invalid choice: 'colouring'"),
        (["alignment"], "the following arguments are required: FILE"),
        (["alignment", "a.csv"], "nothing would come of it: give --out FOLDER, or --format table"),
        (["alignment", "a.csv", "--out", "o", "--seed", "-1"], "'-1' was found, a whole number from 0 up was expected"),
        (["alignment", "a.csv", "--out", "o", "--draws", "3"], "'3' was found, a whole number from 20 to 1,000,000"),
        (["plan", "--trials", "9", "--out", "o"], "one of the arguments --snr --reliability is required"),
        (["plan", "--trials", "9", "--snr", "nan", "--out", "o"], "'nan' was found, a number above 0"),
        (["symmetry", "a.csv", "--side", "9", "--out", "o"], "'9' was found, 64 to 512 px were expected"),
    ],
)
def test_a_wrong_call_gets_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    ends(2, *arguments)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert lines[0].endswith("--help.")


def test_a_fault_in_a_file_is_said_and_nothing_is_written(capsys: pytest.CaptureFixture[str], pairs: Path) -> None:
    pairs.write_text(pairs.read_text().replace("item 03", "", 1))
    assert run("alignment", pairs, "--out", pairs.parent / "out") == 2
    captured = capsys.readouterr()
    assert re.fullmatch(r"pairs.csv, line \d+: an empty [ab] was found. Expected: a name.\n", captured.err)
    assert captured.out == ""
    assert not (pairs.parent / "out").exists()


def test_a_folder_that_is_there_is_refused_before_the_work(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("alignment", tmp_path / "gone.csv", "--out", tmp_path) == 2
    assert "is there already" in capsys.readouterr().err


# --- what it writes --------------------------------------------------------------------------------------------------


def test_alignment_is_written_and_printed_and_the_seed_settles_it(
    capsys: pytest.CaptureFixture[str], pairs: Path, groups: Path
) -> None:
    for n, seed in enumerate((3, 3, 4)):
        out = pairs.parent / "results" / str(n)
        assert (
            run("alignment", pairs, "--groups", groups, "--out", out, "--seed", seed, "--format", "table", *QUICK) == 0
        )
    captured = capsys.readouterr()
    header, *rows = captured.out.splitlines()
    assert header.split()[:3] == ["measure", "group_a", "group_b"]
    assert {tuple(row.split()[1:3]) for row in rows if row} == {
        ("a", "a"),
        ("a", "b"),
        ("b", "b"),
        ("group_a", "group_b"),
    }
    first, again, other = (
        json.loads((pairs.parent / "results" / str(n) / "result.json").read_text()) for n in range(3)
    )
    assert first == again
    assert first["settings"]["seed"] == 3
    assert first["tables"]["groups"] != other["tables"]["groups"]
    assert "groups.parquet" in captured.err


def test_all_of_it_can_be_had_as_json_and_any_table_by_its_name(
    capsys: pytest.CaptureFixture[str], pairs: Path
) -> None:
    assert run("alignment", pairs, "--format", "json", *QUICK) == 0
    assert json.loads(capsys.readouterr().out)["method"] == "alignment"
    assert run("alignment", pairs, "--format", "table", "--table", "people", *QUICK) == 0
    assert len(capsys.readouterr().out.splitlines()) == 7
    assert run("alignment", pairs, "--format", "table", "--table", "colours", *QUICK) == 2
    assert "--table colours: no such table. Expected: one of people," in capsys.readouterr().err


def test_every_kind_of_judgement_and_what_is_known_of_the_items_is_taken(tmp_path: Path) -> None:
    generator = np.random.default_rng(8)
    places = generator.normal(size=(6, 2))
    names = [f"i{k}" for k in range(6)]
    laid, three, long = (
        ["participant,trial,item,x,y"],
        ["participant,a,b,c,odd,trial"],
        ["participant,a,b,dissimilarity,trial"],
    )
    for person in ("P1", "P2", "P3"):
        for trial in range(3):
            moved = places + generator.normal(0, 0.2, size=places.shape)
            laid += [f"{person},{trial},{name},{x:.3f},{y:.3f}" for name, (x, y) in zip(names, moved, strict=True)]
        apart = np.linalg.norm(moved[:, None] - moved[None], axis=2)
        long += [
            f"{person},{names[i]},{names[j]},{apart[i, j]:.4f},{trial}"
            for trial in range(2)
            for i in range(6)
            for j in range(i)
        ]
        square = [f"{name},{','.join(f'{v:.4f}' for v in row)}" for name, row in zip(names, apart, strict=True)]
        for trial in "12":
            (tmp_path / f"{person}.{trial}.csv").write_text("," + ",".join(names) + "\n" + "\n".join(square) + "\n")
        for trial in range(60):
            a, b, c = generator.choice(6, 3, replace=False)
            near = min(((a, b), (a, c), (b, c)), key=lambda two: apart[two])
            odd = next(k for k in (a, b, c) if k not in near)
            three.append(",".join([person, *(names[k] for k in (a, b, c, odd)), str(trial)]))
    for name, lines in (("laid", laid), ("three", three), ("long", long)):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "categories.csv").write_text(
        "item,category\n" + "".join(f"{n},{'ab'[k % 2]}\n" for k, n in enumerate(names))
    )
    (tmp_path / "features.csv").write_text(
        "item,f,g\n" + "".join(f"{n},{k},{k * k % 5}\n" for k, n in enumerate(names))
    )
    known = ["--semantic", tmp_path / "P1.1.csv", "--categories", tmp_path / "categories.csv"]
    for files in ([tmp_path / "laid.csv"], [tmp_path / "three.csv"], [tmp_path / "long.csv"]):
        status = run("alignment", *files, "--format", "json", *known, *QUICK)
        assert status == 0, files
    squares = [tmp_path / f"P{k}.{trial}.csv" for k in (1, 2, 3) for trial in (1, 2)]
    assert run("alignment", *squares, "--format", "table", *QUICK) == 0
    assert (
        run("alignment", tmp_path / "three.csv", "--features", tmp_path / "features.csv", "--format", "table", *QUICK)
        == 0
    )
    assert run("alignment", tmp_path / "laid.csv", "--scale", "0", "6", "--format", "table", *QUICK) == 2


def test_drawings_are_taken_from_a_folder_by_their_table(
    capsys: pytest.CaptureFixture[str], drawn: Path, groups: Path
) -> None:
    stimuli = ["--stimuli", drawn.parent / "stimuli.csv", "--groups", groups]
    few = ["--shuffles", "20", "--draws", "20"]
    assert run("symmetry", drawn, *stimuli, *few, "--only", "condition=memory", "--out", drawn.parent / "profile") == 0
    assert "Note: 1 rows have no drawing: skipped." in capsys.readouterr().err
    assert (drawn.parent / "profile" / "result.json").is_file()
    assert run("symmetry", drawn, *stimuli, *few, "--only", "condition=copy", "--format", "table") == 3
    assert "Of 13 rows, none has condition=copy." in capsys.readouterr().err


def test_settings_of_a_knob_and_turned_drawings_are_taken(capsys: pytest.CaptureFixture[str], drawn: Path) -> None:
    settings = drawn.parent / "settings.csv"
    rows = [f"P{p},cup,{angle},{angle + p}" for p in (1, 2) for angle in (0, 90, 180, 270)]
    settings.write_text("participant,item,angle,given\n" + "\n".join(rows) + "\n")
    few = ["--shuffles", "20", "--draws", "20", "--format", "table"]
    assert run("rotate", settings, *few) == 0
    lines = drawn.read_text().splitlines()
    turned = [f"{lines[0]},angle", *(f"{line},{90 * k}" for line in lines[1:4] for k in range(2))]
    drawn.write_text("\n".join(turned) + "\n")
    assert run("rotate", drawn, *few) == 2
    assert "Drawings without --stimuli were found." in capsys.readouterr().err
    assert run("rotate", drawn, "--stimuli", drawn.parent / "stimuli.csv", *few) == 0


def test_layers_of_an_encoder_are_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    angles = 2 * np.pi * np.arange(8) / 8
    turning = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None, :] * np.array([1.0, 2.0, 3.0])[:, None]
    blind = np.ones((8, 3, 2))
    np.savez(tmp_path / "layers.npz", **{"first": turning, "first.mirrored": turning[:, :, ::-1], "second": blind})
    assert run("encoder", tmp_path / "layers.npz", "--most", "3", "--format", "table") == 0
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()[1:]] == ["first", "second"]
    assert "second" in captured.err
    np.savez(tmp_path / "lonely.npz", **{"first.mirrored": turning})
    assert run("encoder", tmp_path / "lonely.npz", "--format", "table") == 2
    assert "first.mirrored was found. Expected: the layer that it belongs to, too." in capsys.readouterr().err


def test_what_drawings_share_is_taken_from_arrays(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    common = generator.normal(size=(60, 2))
    drawings = np.concatenate([common, generator.normal(size=(60, 3))], axis=1) @ generator.normal(size=(5, 8))
    photographs = np.concatenate([common, generator.normal(size=(60, 3))], axis=1) @ generator.normal(size=(5, 9))
    items = np.array([f"i{k}" for k in range(60)])
    np.savez(tmp_path / "pairs.npz", drawings=drawings, photographs=photographs, items=items)
    assert run("shared", tmp_path / "pairs.npz", "--draws", "20", "--format", "table") == 0
    assert "shared: 100 %" in capsys.readouterr().err
    if find_spec("torch") is None:
        assert run("shared", tmp_path / "pairs.npz", "--engine", "network", "--format", "table") == 2
        assert "needs torch, which is not installed" in capsys.readouterr().err


class WordEncoder:
    """Three layers that know which words stand in a sentence."""

    settings = {"model": "words"}

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def states(self, sentences: Sequence[str], progress: object = None) -> np.ndarray:
        words = sorted({word for text in sentences for word in text.lower().split()})
        counts = np.array(
            [[text.lower().split().count(word) for word in words] for text in sentences], dtype=np.float32
        )
        noise = np.random.default_rng(1).normal(0, 0.2, size=(len(sentences), 3, len(words)))
        return (counts[:, None, :] + noise).astype(np.float32)


def test_reports_are_coded_and_the_empty_and_the_german_are_set_aside(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("representations.commands.coding"), "MiniLM", WordEncoder)
    vivid = [f"The {thing} was bright and clear in front of me." for thing in THINGS]
    none = [f"There was no {thing} at all, and nothing came." for thing in THINGS]
    coded = [f'"{text}",{category}' for texts, category in ((vivid, "vivid"), (none, "none")) for text in texts]
    (tmp_path / "coded.csv").write_text("text,category\n" + "\n".join(coded) + "\n")
    reports = [
        "participant,timepoint,script,stage,text,language",
        'P1,t1,beach,tell,"The beach was bright and clear. The dog was bright and clear in front of me.",en',
        'P1,t1,beach,tell,"There was no dog at all, and nothing came.",en',
        "P2,t1,beach,tell,,en",
        'P3,t1,beach,tell,"Da war nichts, und es kam auch nichts.",de',
    ]
    (tmp_path / "reports.csv").write_text("\n".join(reports) + "\n")
    call = [
        "coding",
        tmp_path / "reports.csv",
        "--examples",
        tmp_path / "coded.csv",
        "--draws",
        "20",
        "--shuffles",
        "20",
    ]
    assert run(*call, "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    told = [(row["report"], row["label"]) for row in said["tables"]["reports"]["rows"]]
    assert told == [("P1 t1 beach tell", "vivid"), ("P1 t1 beach tell (2)", "none")]
    assert [row["report"] for row in said["tables"]["set_aside"]["rows"]] == ["P2 t1 beach tell", "P3 t1 beach tell"]
    (tmp_path / "reports.csv").write_text("participant,text\nP1,\nP2,\n")
    assert run(*call, "--format", "table") == 3
    assert "Enough would be: " in capsys.readouterr().err


def test_a_plan_needs_no_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asked = ["--trials", "30", "--snr", "2", "--repetitions", "2", "--format", "table", "--table", "answer"]
    assert run("plan", "--items", "8", "--dimensions", "4", *asked) == 0
    (tmp_path / "features.csv").write_text("item,f,g\n" + "".join(f"i{k},{k},{k * k % 7}\n" for k in range(8)))
    assert run("plan", "--features", tmp_path / "features.csv", *asked) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert run("plan", "--items", "8", *asked) == 2


# --- where there is too little ---------------------------------------------------------------------------------------


def test_one_person_is_too_few(capsys: pytest.CaptureFixture[str], pairs: Path) -> None:
    lines = [line for line in pairs.read_text().splitlines() if not re.match(r"P[2-6]", line)]
    pairs.write_text("\n".join(lines) + "\n")
    assert run("alignment", pairs, "--format", "table", *QUICK) == 3
    assert "Enough would be: " in capsys.readouterr().err


@pytest.mark.parametrize("change", [lambda line: line[: line.rindex(",", 0, line.rindex(","))] + ",3,", lambda _: ""])
def test_constant_ratings_and_no_rows_are_too_little(
    capsys: pytest.CaptureFixture[str], pairs: Path, change: object
) -> None:
    header, *lines = pairs.read_text().splitlines()
    assert callable(change)
    changed = [change(line) + str(n) if change(line) else "" for n, line in enumerate(lines)]
    pairs.write_text("\n".join([header, *changed]) + "\n")
    assert run("alignment", pairs, "--format", "table", *QUICK) == 3
    assert "Enough would be: " in capsys.readouterr().err


def test_blank_drawings_are_too_little(capsys: pytest.CaptureFixture[str], drawn: Path) -> None:
    blank = io.BytesIO()
    Image.new("L", (160, 160), 255).save(blank, "PNG")
    for file in (drawn.parent / "drawings").glob("P*.png"):
        file.write_bytes(blank.getvalue())
    for method in ("symmetry", "shared"):
        assert run(method, drawn, "--stimuli", drawn.parent / "stimuli.csv", "--format", "table") == 3
        assert "Enough would be: " in capsys.readouterr().err


def test_pictures_that_are_missing_or_broken_are_named_with_their_rows(
    capsys: pytest.CaptureFixture[str], drawn: Path
) -> None:
    pictures = drawn.parent / "drawings"
    (pictures / "P2boat.png").write_bytes(b"no picture")
    assert run("symmetry", drawn, "--format", "table") == 2
    assert "drawings.csv, line 3: no picture was found that can be read" in capsys.readouterr().err
    (pictures / "P2boat.png").unlink()
    assert run("symmetry", drawn, "--format", "table") == 2
    assert "drawings.csv, line 3: no file P2boat.png was found.\nExpected: 1 more files" in capsys.readouterr().err
    pictures.rename(drawn.parent / "elsewhere")
    assert run("symmetry", drawn, "--format", "table") == 2
    assert "Expected: --pictures with a folder or zip." in capsys.readouterr().err


def test_somebody_without_a_group_and_a_drawing_of_nothing_known_are_named(
    capsys: pytest.CaptureFixture[str], drawn: Path, pairs: Path, groups: Path
) -> None:
    groups.write_text("participant,group\nP1,a\n")
    assert run("alignment", pairs, "--groups", groups, "--format", "table", *QUICK) == 2
    assert "no group was found for P2, P3, P4, P5, P6." in capsys.readouterr().err
    (drawn.parent / "stimuli.csv").write_text("script,stage,file\nthings,cup,cup.png\n")
    assert run("symmetry", drawn, "--stimuli", drawn.parent / "stimuli.csv", "--format", "table") == 2
    assert "script 'things', stage 'boat' was found. Expected: a row for it in stimuli.csv." in capsys.readouterr().err


def test_a_corrupted_model_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / "model" / name).write_bytes(b"not it")
    (tmp_path / "reports.csv").write_text("participant,text\nP1,I saw a beach.\n")
    (tmp_path / "coded.csv").write_text("text,category\nI saw it.,vivid\n")
    call = ["coding", tmp_path / "reports.csv", "--examples", tmp_path / "coded.csv", "--model", tmp_path / "model"]
    assert run(*call, "--format", "table") == 2
    assert "model.safetensors" in capsys.readouterr().err
