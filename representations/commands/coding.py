"""The method `coding`: free reports, and sentences that a person has coded."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from representations.coding import Choices, Example, code_reports
from representations.commands.options import between, whole
from representations.encoder_minilm import INSTALL, MiniLM
from representations.exports import read_labelled, read_reports
from representations.result import Progress, Result
from representations.sentences import LANGUAGE, Report

USAGE = f"""\
Free reports coded sentence by sentence into your own categories, from at least ten coded examples of each, with the
agreement of a network's layers as confidence, and a queue of what to code by hand first. The network is read from
this machine, and no text leaves it. Where it is not installed yet:
{INSTALL}

The files:

  reports    participant, text: such as the export reports; a column category says how a person coded the whole
  examples   text, category, and perhaps second: another person's category

For example:
  python -m representations coding reports.csv --examples coded.csv --out coding"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the method's files and options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="reports: .csv, .jsonl or .parquet")
    parser.add_argument("--examples", type=Path, metavar="FILE", required=True, help="coded sentences")
    parser.add_argument(
        "--language", default=LANGUAGE, metavar="TAG", help="which reports are coded (default %(default)s)"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="the network's files (default: as it is installed)"
    )
    how = parser.add_argument_group("how it is reckoned")
    how.add_argument(
        "--by",
        choices=("last", "all"),
        default=Choices.by,
        help="the last layer's category, or all layers' (default %(default)s)",
    )
    how.add_argument("--balanced", action="store_true", help="by thresholds that name each category equally often")
    how.add_argument(
        "--by-hand",
        type=between(0, 1),
        default=Choices.by_hand,
        metavar="SHARE",
        help="of the queue (default %(default)s)",
    )
    how.add_argument(
        "--draws", type=whole(20), default=Choices.draws, metavar="N", help="of the bootstrap (default %(default)s)"
    )
    how.add_argument(
        "--shuffles", type=whole(20), default=Choices.shuffles, metavar="N", help="of the null (default %(default)s)"
    )


def run(asked: argparse.Namespace, progress: Progress) -> Result:
    """What the method finds in the files."""
    texts = read_reports(asked.files)
    examples = [Example(each.text, each.category, each.second) for each in read_labelled([asked.examples])]
    names: list[str] = []
    times: Counter[str] = Counter()
    for text in texts:
        name = f"{text.participant} {text.occasion}".strip()
        times[name] += 1
        names.append(name if times[name] == 1 else f"{name} ({times[name]})")
    reports = [Report(name, text.text, text.language) for name, text in zip(names, texts, strict=True)]
    codes = {name: text.category for name, text in zip(names, texts, strict=True) if text.category}
    return code_reports(
        reports,
        examples,
        MiniLM(asked.model),
        seed=asked.seed,
        choices=Choices(
            by=asked.by, is_balanced=asked.balanced, by_hand=asked.by_hand, draws=asked.draws, shuffles=asked.shuffles
        ),
        report_codes=codes or None,
        language=asked.language,
        progress=progress,
    )
