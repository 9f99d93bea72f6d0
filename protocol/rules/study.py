"""Rules of a study: its steps lead to instruments and scripts, its strata to scores, its arms can be given out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from protocol.durations import parse_duration
from protocol.errors import listed, shown
from protocol.kinds import Reading
from protocol.nodes import Mapping as MappingNode
from protocol.nodes import Node, Scalar, has, named_at, nodes_at, number_at, number_of, strings_at, text_at
from protocol.nodes import Sequence as SequenceNode
from protocol.rules.anchors import Placed, Plan, amount, check_anchors, has_ids, is_counted, placed, times_of
from protocol.rules.bands import check_bands
from protocol.rules.ids import check_unique_ids, claim
from protocol.rules.measures import check_measures
from protocol.rules.promises import check_promises
from protocol.rules.repeats import check_counterbalance, check_repeat
from protocol.rules.safety import check_safety
from protocol.rules.scores import score_names, score_problem

Files = Mapping[str, Node | None]

LONGEST_ID = 24
MOST_STEPS = 2_000  # of one list, with all times of the repeated ones


def check_study(study: Node, instruments: Files, scripts: Files, reading: Reading) -> None:
    """Reports what is wrong with a study beyond the shape of its parts.

    Args:
        study: The tree of study.yaml, its shape checked.
        instruments: The trees of the instruments by their id; None for one that does not parse.
        scripts: The same of the scripts.
        reading: The file that `study` is of.
    """
    _check_door(study, reading)
    if _has_too_many_steps(study, reading):
        return  # what the steps lead to is told once they can be laid out
    plan = _plan(study)
    _check_step_ids(plan, reading)
    for step in plan.declared():
        _check_step(step, instruments, scripts, reading)
    check_anchors(plan, reading)
    _check_groups(study, plan, instruments, reading)
    _check_allocation(study, reading)
    _check_columns(plan, instruments, reading)
    check_measures(study, plan, instruments, reading)
    check_safety(study, plan, instruments, reading)
    check_counterbalance(study, plan, reading)
    check_promises(study, plan, reading)


def _lists(study: Node) -> list[tuple[Node, str]]:
    """Whatever may hold a list of steps, with the key under which it does."""
    arms = [(arm, key) for _, arm in named_at(study, "arms") for key in ("steps", "later")]
    return [(study, "before"), *arms, (study, "after")]


def _has_too_many_steps(study: Node, reading: Reading) -> bool:
    """Reports lists that repeats make too long to be anybody's way."""
    found = [(owner, key, amount(nodes_at(owner, key))) for owner, key in _lists(study)]
    for owner, key, count in found:
        if count > MOST_STEPS:
            reading.remark(
                _line(owner, key),
                f"{key} has {count:,} steps with all times of the repeated ones; expected at most {MOST_STEPS:,}",
            )
    return any(count > MOST_STEPS for _, _, count in found)


def _plan(study: Node) -> Plan:
    arms = [(key.text, arm) for key, arm in named_at(study, "arms")]
    lists = [
        list_node
        for owner, key in _lists(study)
        if isinstance(owner, MappingNode) and key in owner.entries and (list_node := owner.entries[key][1])
    ]
    declared_arms = study.child("arms")
    are_ids_known = (
        all(isinstance(steps, SequenceNode) and steps.is_sound and has_ids(steps.items) for steps in lists)
        and (not has(study, "arms") or isinstance(declared_arms, MappingNode))
        and len(arms) == (len(declared_arms.entries) if isinstance(declared_arms, MappingNode) else 0)
    )
    return Plan(
        before=placed(nodes_at(study, "before"), "before"),
        arms={name: placed(nodes_at(arm, "steps"), f"arm {name}") for name, arm in arms},
        after=placed(nodes_at(study, "after"), "after"),
        later={name: placed(nodes_at(arm, "later"), f"later of arm {name}") for name, arm in arms},
        is_cohort=not has(study, "arms") and not has(study, "allocation"),
        are_ids_known=are_ids_known,
    )


# --- the door --------------------------------------------------------------------------------------------------------


def _check_door(study: Node, reading: Reading) -> None:
    questions = nodes_at(study, "eligibility")
    check_unique_ids(questions, reading)
    for question in questions:
        offered = [choice for _, choice in strings_at(question, "choices")]
        for node, choice in strings_at(question, "require") if question.child("choices") is not None else []:
            if choice not in offered:
                reading.remark(node.line, f"require names {shown(choice)}; expected one of its choices")
    consent = study.child("consent")
    statements = nodes_at(consent, "statements")
    check_unique_ids(statements, reading)
    if statements and all(_is_false(statement.child("required")) for statement in statements):
        reading.remark(
            statements[0].line, "no statement is required; expected at least one without which nobody takes part"
        )


def _is_false(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is False


# --- steps -----------------------------------------------------------------------------------------------------------


def _check_step_ids(plan: Plan, reading: Reading) -> None:
    taken = _claim_ids(plan.before, reading, {})
    of_arms: dict[str, Placed] = {}
    lines = dict(taken)
    lines_of: dict[str, dict[str, int]] = {}
    for arm, steps in plan.arms.items():
        lines_of[arm] = _claim_ids(steps, reading, dict(taken))
        lines = lines_of[arm] | lines
        for step in steps:
            if step.id is not None:
                _check_same_kind(step, of_arms.setdefault(step.id, step), reading)
    _check_same_series(plan, reading)
    silent = Reading(reading.file, lambda fault: None)
    after = _claim_ids(plan.after, silent, {})
    _claim_ids(plan.after, reading, lines)
    for arm, steps in plan.later.items():
        # What other arms have sooner may come later here: the same timepoint.
        _claim_ids(steps, reading, {**lines_of.get(arm, {}), **after})
        for step in steps:
            if step.id is not None:
                _check_same_kind(step, of_arms.setdefault(step.id, step), reading)


def _claim_ids(steps: Iterable[Placed], reading: Reading, taken: dict[str, int]) -> dict[str, int]:
    """Reports ids that an earlier step has, those of a repeated step's times among them; gives the first lines."""
    spoilt = ""
    for step in steps:
        named = step.node.child("id")
        if step.id is None or not isinstance(named, Scalar):
            continue
        if step.series and step.time == 1:
            spoilt = step.series if step.series in taken else ""
            claim(named, step.series, taken, reading)
        if step.series and step.series == spoilt:
            continue  # told once for all its times
        if len(step.id) > LONGEST_ID:
            if step.time == 1 or len(step.id) > len(f"{step.series}_{step.time - 1}"):
                reading.remark(
                    named.line,
                    f"the times of {shown(step.series)} would be called {shown(step.id)}; "
                    f"expected at most {LONGEST_ID} characters with the number",
                )
            continue
        claim(named, step.id, taken, reading)
    return taken


def _check_same_kind(step: Placed, first: Placed, reading: Reading) -> None:
    do, do_first = text_at(step.node, "do"), text_at(first.node, "do")
    if do is not None and do_first is not None and do != do_first and step.time == 1:
        reading.remark(
            step.node.line,
            f"step {shown(step.name)} is do: {do}, but on line {first.node.line} do: {do_first}; "
            "one id is one timepoint",
        )


def _check_same_series(plan: Plan, reading: Reading) -> None:
    """Reports a name that is of a step that comes once and of a repeated one, or of two that come not as often."""
    firsts: dict[str, Placed] = {}
    for step in plan.declared():
        if step.name is None or not is_counted(step.node):
            continue
        first = firsts.setdefault(step.name, step)
        if (step.series, step.times) != (first.series, first.times):
            reading.remark(
                step.node.line,
                f"step {shown(step.name)} comes {_often(step)}, but on line {first.node.line} {_often(first)}; "
                "expected it as often wherever it stands",
            )


def _often(step: Placed) -> str:
    return f"{step.times} times" if step.series else "once"


def _check_step(step: Placed, instruments: Files, scripts: Files, reading: Reading) -> None:
    node = step.node
    for named, instrument in strings_at(node, "instruments"):
        if instrument not in instruments:
            reading.remark(
                named.line, f"instruments names {shown(instrument)}; expected a file instruments/{instrument}.yaml"
            )
    named_script, script = node.child("script"), text_at(node, "script")
    if named_script is not None and script is not None and script not in scripts:
        reading.remark(named_script.line, f"script is {shown(script)}; expected a file scripts/{script}.yaml")
    for named, script in strings_at(node, "script"):
        if script not in scripts:
            reading.remark(named.line, f"script names {shown(script)}; expected a file scripts/{script}.yaml")
    check_repeat(node, reading)
    _check_window(node, reading)
    between = [text for _, text in strings_at(node, "between")]
    if len(between) == 2 and between[0] >= between[1]:
        reading.remark(
            _line(node, "between"), f"between is {between[0]} to {between[1]}; expected the earlier time first"
        )


def _check_window(node: Node, reading: Reading) -> None:
    ends = [text for _, text in strings_at(node, "window")]
    if len(ends) == 2:
        opens, closes = (parse_duration(text) for text in ends)
        if closes.nominal_s <= opens.nominal_s:
            how = "before it opens" if closes.nominal_s < opens.nominal_s else "as it opens"
            reading.remark(
                _line(node, "window"),
                f"window closes {how}, from {opens} to {closes}; expected [open, close], the earlier first",
            )


def _line(node: Node, key: str) -> int:
    child = node.child(key)
    return child.line if child is not None else node.line


# --- strata and arms -------------------------------------------------------------------------------------------------


def _check_groups(study: Node, plan: Plan, instruments: Files, reading: Reading) -> None:
    questions: dict[str, int] = {}
    for question in nodes_at(study, "eligibility"):
        named = question.child("id")
        if isinstance(named, Scalar):
            questions.setdefault(named.text, named.line)
    for key, group in named_at(study, "groups"):
        claim(key, key.text, dict(questions), reading)
        bands = group.child("bands")
        if bands is not None:
            check_bands(bands, reading)
        reference = text_at(group, "score")
        if reference is not None:
            problem = _score_problem(reference, plan, instruments)
            if problem is not None:
                reading.remark(_line(group, "score"), f"score is {shown(reference)}; {problem}")


def _score_problem(reference: str, plan: Plan, instruments: Files) -> str | None:
    """What is wrong with STEP.INSTRUMENT.SCORE; None if it leads to a score, or nobody can tell."""
    step_id, instrument, score = reference.split(".")
    step = next((step for step in plan.before if step.id == step_id), None)
    if step is None:
        elsewhere = any(other.id == step_id for other in plan.every())
        where = ", which comes too late for allocation" if elsewhere else times_of(plan, step_id)
        return f"expected a step of `before`, not {shown(step_id)}{where}" if plan.are_ids_known or elsewhere else None
    given = [name for _, name in strings_at(step.node, "instruments")]
    if instrument not in given:
        asked = step.node.child("instruments")
        if asked is None and text_at(step.node, "do") != "session":
            return None
        expected = listed(given) if given else "an assess step"
        return f"step {shown(step_id)} does not ask {shown(instrument)}; expected {expected}"
    return score_problem(instrument, instruments.get(instrument), score)


def _check_allocation(study: Node, reading: Reading) -> None:
    for one, other in (("arms", "allocation"), ("allocation", "arms")):
        if has(study, one) and not has(study, other) and isinstance(study, MappingNode):
            reading.remark(study.entries[one][0].line, f"{one} without {other}; expected both, or neither for a cohort")
    allocation = study.child("allocation")
    _check_blocks(study, nodes_at(allocation, "blocks"), reading)
    groups = {key.text for key, _ in named_at(study, "groups")}
    questions = [text_at(question, "id") for question in nodes_at(study, "eligibility")]
    strata = [*groups, *(question for question in questions if question is not None)]
    are_faulty = [key for key in ("groups", "eligibility") if has(study, key) and study.child(key) is None]
    are_all_known = (
        not are_faulty and None not in questions and all(key.is_sound for key, _ in named_at(study, "groups"))
    )
    for node, name in strings_at(allocation, "by"):
        if name not in strata and are_all_known:
            reading.remark(node.line, f"by names {shown(name)}; expected a group or an eligibility question")


def _check_blocks(study: Node, blocks: Iterable[Node], reading: Reading) -> None:
    arms = study.child("arms")
    if not isinstance(arms, MappingNode):
        return
    ratios = [1 if not has(arm, "ratio") else number_at(arm, "ratio") for _, arm in arms.entries.values()]
    total = sum(ratio for ratio in ratios if isinstance(ratio, int))
    if any(not isinstance(ratio, int) for ratio in ratios) or total == 0:
        return
    for block in blocks:
        size = number_of(block)
        if isinstance(size, int) and size % total != 0:
            reading.remark(
                block.line, f"blocks holds {size}; expected multiples of {total}, the sum of the arms' ratios"
            )


def _check_columns(plan: Plan, instruments: Files, reading: Reading) -> None:
    """Reports scores whose columns in the dataset `wide`, TIMEPOINT__INSTRUMENT__SCORE, would have one name."""
    owners: dict[str, tuple[str, str, str]] = {}
    for step in plan.every():
        for node, instrument in strings_at(step.node, "instruments"):
            names = score_names(instruments.get(instrument)) if step.id is not None else None
            for score in names or []:
                owner = (step.id or "", instrument, score)
                column = "__".join(owner)
                first = owners.setdefault(column, owner)
                if first != owner:
                    reading.remark(
                        node.line,
                        f"{'.'.join(owner)} and {'.'.join(first)} would share the column {column}; rename one",
                    )
