"""The library of instruments that ships: each has the structure that its source names, in words of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from assessments.change import changes
from assessments.derived import InScheme, in_schemes
from assessments.scoring import Scored, score
from protocol.bands import band_of
from protocol.bundle import Bundle
from protocol.conditions import Given, holds
from protocol.instrument import Instrument, Item, Scale
from tests.studies.library import IDS, LANGUAGES

VIVIDNESS = ("auditory_28", "modalities_21", "modalities_35", "scenes_16", "scenes_16_then", "scenes_forms", "state_3")
MODALITIES = ("sight", "sound", "smell", "taste", "touch", "body", "feeling")
SCENES = ("horse", "snow", "table", "wheel")

# Which paper each structure is taken from, and where that stands.
SOURCES = {
    "adverse_events": ("Goldberg et al. (2021), Psychotherapy Research 32, 291-305", "Britton et al. (2021)"),
    "after_session": ("Goldberg et al. (2021), Psychotherapy Research 32, 291-305", "Britton et al. (2021)"),
    "arm_guess": ("Bang, Ni and Davis (2004), Controlled Clinical Trials 25, 143-156",),
    "auditory_28": ("Halpern (2015), Psychomusicology 25, 37-47",),
    "background": (),
    "credibility_6": (
        "Devilly and Borkovec (2000), Journal of Behavior Therapy and Experimental Psychiatry 31, 73-86",
    ),
    "modalities_21": ("Ganis (2014), British Journal of Psychology 105, 547-563",),
    "modalities_35": ("Ganis (2014), British Journal of Psychology 105, 547-563",),
    "scenes_16": (
        "Marks (1973), British Journal of Psychology 64, 17-24",
        "Marks (1995), Journal of Mental Imagery 19, 153-167",
    ),
    "scenes_16_then": ("Marks (1973), British Journal of Psychology 64, 17-24",),
    "scenes_forms": (
        "Marks (1973), British Journal of Psychology 64, 17-24",
        "Marks (1995), Journal of Mental Imagery 19, 153-167",
    ),
    "state_3": ("Pearson, Rademaker and Tong (2011), Psychological Science 22, 1535",),
    "styles_45": ("Blazhenkova and Kozhevnikov (2009), Applied Cognitive Psychology 23, 638-663",),
    "use_12": ("Reisberg, Pearson and Kosslyn (2003), Applied Cognitive Psychology 17, 147-160",),
}

# Of each score that is made of several items: how many items, how many of them may be missing, its least and its most.
STRUCTURE = {
    "auditory_28": {"clarity_high_is_vivid": (14, 2, 1, 7), "changing_high_is_easy": (14, 2, 1, 7)},
    "credibility_6": {
        "credibility_high_is_more": (3, 0, 1, 9),
        "expect_feel_high_is_more": (1, 0, 1, 9),
        "expect_pct_high_is_more": (2, 0, 0, 100),
    },
    "modalities_21": {
        **{f"{name}_high_is_vivid": (3, 0, 0, 10) for name in MODALITIES},
        "grand_high_is_vivid": (21, 2, 0, 10),
    },
    "modalities_35": {
        **{f"{name}_high_is_vivid": (5, 1, 0, 10) for name in MODALITIES},
        "grand_high_is_vivid": (35, 4, 0, 10),
    },
    "scenes_16": {
        "total_high_is_vivid": (16, 3, 16, 80),
        **{f"{scene}_high_is_vivid": (4, 0, 4, 20) for scene in SCENES},
    },
    "scenes_16_then": {
        "total_high_is_vivid": (16, 3, 16, 80),
        **{f"{scene}_high_is_vivid": (4, 0, 4, 20) for scene in SCENES},
    },
    "scenes_forms": {"total_high_is_vivid": (16, 3, 16, 80)},
    "state_3": {"picture_high_is_vivid": (1, 0, 0, 10), "effort_high_is_more": (1, 0, 0, 10)},
    "styles_45": {f"{style}_high_is_more": (15, 3, 1, 5) for style in ("object", "spatial", "verbal")},
    "use_12": {"total_high_is_more_use": (12, 2, 12, 60)},
}
OF_SEVERAL = [(id, name) for id, scores in STRUCTURE.items() for name in scores]


def scale_of(item: Item) -> Scale:
    assert item.scale is not None
    return item.scale


def rated(instrument: Instrument) -> list[Item]:
    """The items that are answered on a scale and counted."""
    return [item for item in instrument.items() if item.type == "scale" and item.catch is None]


def the_same_to_all(instrument: Instrument, which: str) -> dict[str, float]:
    """A sheet on which every rated item has the least of its meaning, or the most."""
    return {
        item.id: getattr(scale_of(item), "min" if (which == "least") != item.reverse else "max")
        for item in rated(instrument)
    }


def forms_of(instrument: Instrument) -> list[frozenset[str] | None]:
    """The items of each parallel form; None alone where there are no forms."""
    if not instrument.forms:
        return [None]
    items = {section.id: [item.id for item in section.items] for section in instrument.sections}
    return [frozenset(id for section in sections for id in items[section]) for sections in instrument.forms.values()]


def scored(instrument: Instrument, values: Mapping[str, float | None]) -> list[dict[str, Scored]]:
    """The scores by name, once for each form."""
    return [{each.name: each for each in score(instrument, values, form=form)} for form in forms_of(instrument)]


# --- what is there ----------------------------------------------------------------------------------------------------


def test_the_library_holds_what_it_says(library: Mapping[str, Instrument]) -> None:
    assert tuple(sorted(library)) == IDS


def test_every_instrument_is_asked_at_some_step(bundle: Bundle) -> None:
    asked = {id for step in bundle.study.steps() for id in getattr(step, "instruments", ())}
    assert asked == set(IDS)


@pytest.mark.parametrize("id", IDS)
def test_every_instrument_is_our_own_free_to_use_and_names_its_structure(
    id: str, library: Mapping[str, Instrument]
) -> None:
    instrument = library[id]
    assert instrument.licence == "CC0-1.0"
    assert instrument.source.startswith("Own items")
    assert [paper for paper in SOURCES[id] if paper not in instrument.source] == []


@pytest.mark.parametrize("id", IDS)
def test_every_instrument_says_what_may_be_concluded_and_what_not(id: str, library: Mapping[str, Instrument]) -> None:
    said = library[id].interpretation
    assert said is not None
    assert all(len(said.to(language)) > 200 for language in LANGUAGES)
    assert re.search(r"\b(no|not|never|nothing)\b", said.to("en"))


@pytest.mark.parametrize("id", VIVIDNESS)
def test_every_instrument_on_vividness_makes_no_diagnosis_and_says_how_the_eyes_are(
    id: str, library: Mapping[str, Instrument]
) -> None:
    instrument = library[id]
    assert instrument.eyes == "either"
    assert instrument.interpretation is not None
    assert "no diagnosis" in instrument.interpretation.to("en")
    assert "keine Diagnose" in instrument.interpretation.to("de")


# --- structure --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("id", "name"), OF_SEVERAL)
def test_a_score_has_the_items_of_its_source_and_their_range(
    id: str, name: str, library: Mapping[str, Instrument]
) -> None:
    count, _, least, most = STRUCTURE[id][name]
    instrument = library[id]
    low = scored(instrument, the_same_to_all(instrument, "least"))
    high = scored(instrument, the_same_to_all(instrument, "most"))
    assert [(form[name].items_answered, form[name].value) for form in low] == [(count, least)] * len(low)
    assert [form[name].value for form in high] == [most] * len(high)


@pytest.mark.parametrize("id", IDS)
def test_every_score_is_declared_with_a_direction_and_named_by_it(id: str, library: Mapping[str, Instrument]) -> None:
    for declared in library[id].scores:
        assert declared.direction == "higher_is_more", declared.name
        assert re.fullmatch(r"[a-z_]+_(high_is_(vivid|more|more_use|worse|sure|easy)|1_is_yes)", declared.name)
    assert set(STRUCTURE.get(id, ())) <= {declared.name for declared in library[id].scores}


@pytest.mark.parametrize(("id", "name"), OF_SEVERAL)
def test_a_persons_mean_stands_in_where_four_fifths_are_answered(
    id: str, name: str, library: Mapping[str, Instrument]
) -> None:
    """A convention, as no manual states a rule; of three or four items none may be missing."""
    count, allow, least, most = STRUCTURE[id][name]
    instrument = library[id]
    members = next(declared.of for declared in instrument.scores if declared.name == name)
    assert allow <= count * 0.2
    for form in forms_of(instrument):
        asked = [item for item in members if form is None or item in form]
        sheet: dict[str, float | None] = dict(the_same_to_all(instrument, "most"))
        within = score(instrument, {**sheet, **dict.fromkeys(asked[:allow])}, form=form)
        beyond = score(instrument, {**sheet, **dict.fromkeys(asked[: allow + 1])}, form=form)
        (kept,) = (each for each in within if each.name == name)
        (lost,) = (each for each in beyond if each.name == name)
        assert (kept.value, kept.items_missing, kept.prorated) == (most, allow, allow > 0)
        assert (lost.value, lost.prorated) == (None, False)


def test_a_grand_mean_never_lacks_a_whole_modality(library: Mapping[str, Instrument]) -> None:
    for id, size in (("modalities_21", 3), ("modalities_35", 5)):
        sheet: dict[str, float | None] = dict(the_same_to_all(library[id], "most"))
        for name in MODALITIES:
            without = sheet | {f"{name}_{n}": None for n in range(1, size + 1)}
            assert scored(library[id], without)[0]["grand_high_is_vivid"].value is None


def test_the_short_form_asks_the_first_three_of_the_long_one(library: Mapping[str, Instrument]) -> None:
    long = {item.id: item.text for item in library["modalities_35"].items()}
    short = {item.id: item.text for item in library["modalities_21"].items()}
    assert short == {id: text for id, text in long.items() if id[-1] in "123"}


def test_scenes_have_four_details_each(library: Mapping[str, Instrument]) -> None:
    assert [(section.id, len(section.items)) for section in library["scenes_16"].sections] == [
        (scene, 4) for scene in SCENES
    ]
    assert [len(section.items) for section in library["scenes_forms"].sections] == [4] * 8


def test_the_then_test_asks_the_same_as_what_it_looks_back_on(library: Mapping[str, Instrument]) -> None:
    now, then = library["scenes_16"], library["scenes_16_then"]
    assert then.then_of == "scenes_16"
    assert [(item.id, item.text) for item in then.items()] == [(item.id, item.text) for item in now.items()]
    assert [declared.name for declared in then.scores] == [declared.name for declared in now.scores]
    assert then.about != now.about


def test_parallel_forms_have_four_scenes_each_and_share_none(library: Mapping[str, Instrument]) -> None:
    instrument = library["scenes_forms"]
    assert [len(sections) for sections in instrument.forms.values()] == [4, 4]
    assert len({section for sections in instrument.forms.values() for section in sections}) == 8


def test_no_two_instruments_share_a_scene(library: Mapping[str, Instrument]) -> None:
    texts = [item.text for id in ("scenes_16", "scenes_forms", "modalities_35") for item in library[id].items()]
    assert len(set(map(repr, texts))) == len(texts)


def test_styles_are_turned_round_at_the_published_places(library: Mapping[str, Instrument]) -> None:
    instrument = library["styles_45"]
    items = list(instrument.items())
    style = {item: declared.name.split("_")[0] for declared in instrument.scores for item in declared.of}
    turned = {place: style[item.id] for place, item in enumerate(items, start=1) if item.reverse}
    assert turned == {2: "verbal", 9: "verbal", 41: "verbal", 42: "spatial"}
    assert instrument.shuffle == "none"
    assert [item.id for item in items] == [f"q{place:02d}" for place in range(1, 46)]


def test_a_style_item_counts_in_one_style_and_there_is_no_total(library: Mapping[str, Instrument]) -> None:
    counted = [item for declared in library["styles_45"].scores for item in declared.of]
    assert sorted(counted) == sorted(item.id for item in library["styles_45"].items())
    assert len(library["styles_45"].scores) == 3


def test_agreeing_with_every_line_is_not_the_most_verbal(library: Mapping[str, Instrument]) -> None:
    given = scored(library["styles_45"], {item.id: 5 for item in library["styles_45"].items()})[0]
    assert {name: each.value for name, each in given.items()} == {
        "object_high_is_more": 5,
        "spatial_high_is_more": pytest.approx((14 * 5 + 1) / 15),
        "verbal_high_is_more": pytest.approx((12 * 5 + 3) / 15),
    }


def test_every_sound_has_its_change(library: Mapping[str, Instrument]) -> None:
    """A change repeats the sound that it changes, so that nobody has to turn back."""
    clarity, changing = library["auditory_28"].sections
    assert [item.id for item in changing.items] == [item.id.replace("v", "c") for item in clarity.items]
    for language in LANGUAGES:
        for sound, change in zip(clarity.items, changing.items, strict=True):
            assert change.text.to(language).startswith(sound.text.to(language))


# --- the least vivid answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", VIVIDNESS)
def test_nothing_everywhere_is_the_floor_and_the_lowest_band_of_every_scheme(
    id: str, library: Mapping[str, Instrument]
) -> None:
    instrument = library[id]
    sheet = the_same_to_all(instrument, "least")
    for form in scored(instrument, sheet):
        assert all(each.value is not None for each in form.values())
        lowest = [
            InScheme(name, scheme.name, scheme.version, min(scheme.bands, key=lambda band: band.low).label)
            for name, schemes in instrument.schemes.items()
            for scheme in schemes
        ]
        assert list(in_schemes(instrument, form.values())) == lowest


@pytest.mark.parametrize("id", VIVIDNESS)
def test_the_floor_is_said_in_words_as_nothing(id: str, library: Mapping[str, Instrument]) -> None:
    for item in rated(library[id]):
        scale = scale_of(item)
        least = scale.labels[scale.min].to("en")
        assert re.search(r"\b(No|Nothing|Not)\b", least), (item.id, least)
        assert scale.max in scale.labels


# --- schemes and norms ------------------------------------------------------------------------------------------------


def test_no_scheme_speaks_alone(library: Mapping[str, Instrument]) -> None:
    """Published limits disagree, so there are no bands without a name; and none of another score than the total."""
    assert {id for id, instrument in library.items() if instrument.bands} == set()
    assert {id: list(instrument.schemes) for id, instrument in library.items() if instrument.schemes} == {
        "modalities_21": ["grand_high_is_vivid"],
        "modalities_35": ["grand_high_is_vivid"],
        "scenes_16": ["total_high_is_vivid"],
    }


@pytest.mark.parametrize(
    ("total", "bands"),
    [
        (16, ("aphantasia", "aphantasia", "aphantasia", "none")),
        (17, ("hypophantasia", "aphantasia", "aphantasia", "minimal")),
        (23, ("hypophantasia", "aphantasia", "aphantasia", "minimal")),
        (24, ("hypophantasia", "aphantasia", "between", "minimal")),
        (30, ("hypophantasia", "aphantasia", "between", "minimal")),
        (31, ("hypophantasia", "aphantasia", "between", "above")),
        (32, ("hypophantasia", "aphantasia", "between", "above")),
        (33, ("typical", "above", "between", "above")),
        (74, ("typical", "above", "between", "above")),
        (75, ("hyperphantasia", "above", "hyperphantasia", "above")),
        (80, ("hyperphantasia", "above", "hyperphantasia", "above")),
    ],
)
def test_four_published_schemes_disagree_on_the_same_total(
    total: int, bands: tuple[str, ...], library: Mapping[str, Instrument]
) -> None:
    schemes = library["scenes_16"].schemes["total_high_is_vivid"]
    assert [scheme.name for scheme in schemes] == [
        *("strict_floor", "at_most_32", "at_most_23", "at_most_30_unverified"),
    ]
    assert tuple(band_of(total, scheme.bands) for scheme in schemes) == bands


def test_low_imagers_of_one_training_study_lie_below_4_2(library: Mapping[str, Instrument]) -> None:
    for id in ("modalities_21", "modalities_35"):
        (scheme,) = library[id].schemes["grand_high_is_vivid"]
        assert [band_of(value, scheme.bands) for value in (0, 147 / 35 - 1 / 35, 4.2, 10)] == [
            *("low", "low", "above", "above"),
        ]


def test_what_is_recalled_and_not_checked_says_so_and_judges_nobody(library: Mapping[str, Instrument]) -> None:
    for instrument in library.values():
        for scheme in (scheme for schemes in instrument.schemes.values() for scheme in schemes):
            marks = [
                scheme.name.endswith("_unverified"),
                "unverified" in scheme.version,
                scheme.source.startswith("UNVERIFIED"),
            ]
            assert len(set(marks)) == 1, scheme.name
        for norm in instrument.norms:
            assert norm.unverified == norm.source.startswith("UNVERIFIED")
            assert norm.kind == "alpha" or norm.unverified
            assert "published wording" in norm.population


def test_no_change_is_called_reliable_by_an_unverified_retest(library: Mapping[str, Instrument]) -> None:
    norms = library["scenes_16"].norms
    rows = changes([("start", 16), ("end", 80)], norms, "total_high_is_vivid")
    assert [(row.change, row.reliable_change, row.verdict) for row in rows] == [(None, None, None), (64, None, None)]


# --- branching --------------------------------------------------------------------------------------------------------


def asked_after(instrument: Instrument, given: Mapping[str, Given]) -> list[str]:
    """The items that are asked of somebody who gives these answers, and none to what else is asked."""
    known: dict[str, Given] = {}
    asked = []
    for item in instrument.items():
        due = item.when is None or holds(item.when, known) is True
        known[item.id] = given.get(item.id) if due else None
        asked += [item.id] if due else []
    return asked


def test_nobody_who_had_nothing_is_asked_about_it(library: Mapping[str, Instrument]) -> None:
    assert asked_after(library["adverse_events"], {"had": ("none",)}) == ["had"]
    assert asked_after(library["after_session"], {"distress": 0, "unwanted": "no"}) == ["distress", "unwanted"]


def test_somebody_who_had_something_may_say_no_to_more_questions(library: Mapping[str, Instrument]) -> None:
    for had in ("pictures", "memories", "other"):
        given: dict[str, Given] = {"had": (had,), "tell": "no"}
        assert asked_after(library["adverse_events"], given) == ["had", "tell", "contact"]


def test_up_to_three_events_are_asked_for_alike(library: Mapping[str, Instrument]) -> None:
    told: dict[str, Given] = {
        "had": ("none", "fear"),
        "tell": "yes",
        "more_2": "yes",
        "more_3": "yes",
        "e1_now": "gone",
    }
    asked = asked_after(library["adverse_events"], told)
    of_first = [id.removeprefix("e1_") for id in asked if id.startswith("e1_")]
    assert of_first == ["what", "words", "onset", "severity", "serious", "link", "done", "now", "ended"]
    for n in (2, 3):
        assert [id for id in asked if id.startswith(f"e{n}_")] == [f"e{n}_{part}" for part in of_first[:-1]]


def test_the_worst_event_counts_by_its_severity(library: Mapping[str, Instrument]) -> None:
    instrument = library["adverse_events"]
    severity = next(item for item in instrument.items() if item.id == "e1_severity")
    assert [(choice.id, choice.score) for choice in severity.choices] == [("mild", 1), ("moderate", 2), ("severe", 3)]
    assert scored(instrument, {"e1_severity": 3})[0]["worst_high_is_worse"].value == 3


def test_somebody_who_does_not_know_the_group_is_not_asked_how_sure(library: Mapping[str, Instrument]) -> None:
    assert asked_after(library["arm_guess"], {"guess": "dont_know"}) == ["guess"]
    assert asked_after(library["arm_guess"], {"guess": "training"}) == ["guess", "confidence", "reason"]


def test_background_asks_when_it_changed_and_what_was_trained_only_of_whom_it_concerns(
    library: Mapping[str, Instrument],
) -> None:
    short = asked_after(library["background"], {"onset": "always", "prior": "no", "gender": "woman"})
    long = asked_after(
        library["background"], {"onset": "later", "prior": "yes", "gender": "other", "strategies": ("other",)}
    )
    assert [id for id in long if id not in short] == [
        *("gender_words", "onset_age", "onset_words", "strategies_words", "prior_words", "prior_hours", "prior_last"),
    ]
    assert {item.type for item in library["background"].items()} == {"number", "choice", "text", "multi", "date"}


# --- what is asked first, and what is not to be lost ------------------------------------------------------------------


def test_the_form_is_asked_before_the_vividness_and_nothing_is_its_first_choice(
    library: Mapping[str, Instrument],
) -> None:
    form, vividness, effort = library["state_3"].items()
    assert (form.type, [choice.id for choice in form.choices]) == (
        "multi",
        ["nothing", "knowing", "words", "place", "movement", "feeling", "picture"],
    )
    assert vividness.when is None, "nothing is a 0, not a gap"
    assert effort.id == "effort"


def test_the_one_attention_check_stands_last_and_counts_in_no_score(library: Mapping[str, Instrument]) -> None:
    checks = [(id, item.id) for id, instrument in library.items() for item in instrument.items() if item.catch]
    assert checks == [("modalities_35", "check")]
    long = library["modalities_35"]
    assert [item.id for item in long.sections[-1].items] == ["check"]
    assert all("check" not in declared.of for declared in long.scores)
    (check,) = long.sections[-1].items
    assert check.catch is not None
    assert all(re.search(rf"\b{check.catch}\b", check.text.to(language)) for language in LANGUAGES)
    ends = scale_of(check)
    assert float(check.catch) not in (ends.min, (ends.min + ends.max) / 2, ends.max), (
        "whoever reads nothing picks these"
    )


def test_items_of_two_scales_are_never_in_one_score(library: Mapping[str, Instrument]) -> None:
    for instrument in library.values():
        items = {item.id: item for item in instrument.items()}
        for declared in instrument.scores:
            assert len({items[id].ends for id in declared.of}) == 1, declared.name
