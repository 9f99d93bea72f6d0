"""What no linter sees in the models: references by name, and the machine's clock."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

FLOORS = {
    "contenttypes": -2,
    "auth": -1,
    "sessions": -1,
    "accounts": 0,
    "coaching": 1,
    "assessments": 2,
    "imagery": 2,
    "research": 3,
    "privacy": 4,
    "rehearsal": 4,
}


def climbing(every_model: Iterable[type[models.Model]]) -> list[str]:
    """The references that lead to a higher floor, or to a neighbour on the same one."""
    found = []
    for model in every_model:
        for field in model._meta.get_fields():
            if isinstance(field, (models.ForeignKey, models.ManyToManyField)):
                here, there = model._meta.app_label, field.related_model._meta.app_label
                if here != there and FLOORS[there] >= FLOORS[here]:
                    found.append(f"{here}.{model.__name__}.{field.name} -> {there}")
    return found


def asking_the_machine(every_model: Iterable[type[models.Model]]) -> list[str]:
    """The fields that would fill themselves with a time that is not the product's."""
    found = []
    for model in every_model:
        for field in model._meta.get_fields():
            automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
            default = getattr(field, "default", None)
            if automatic or getattr(default, "__name__", "") in {"now", "today", "utcnow"}:
                found.append(f"{model._meta.label}.{field.name}")
    return found


def test_no_reference_climbs() -> None:
    assert climbing(apps.get_models(include_auto_created=True)) == []


@pytest.mark.parametrize(
    ("here", "there"), [("accounts", "coaching"), ("coaching", "assessments"), ("imagery", "assessments")]
)
def test_a_reference_that_climbs_is_found(here: str, there: str) -> None:
    with isolate_apps(here, there):
        upper = type("Upper", (models.Model,), {"__module__": __name__, "Meta": type("Meta", (), {"app_label": there})})
        climber = type(
            "Climber",
            (models.Model,),
            {
                "__module__": __name__,
                "Meta": type("Meta", (), {"app_label": here}),
                "above": models.ForeignKey(upper, on_delete=models.CASCADE),
            },
        )
        assert climbing([upper, climber]) == [f"{here}.Climber.above -> {there}"]


def test_every_room_with_tables_has_a_floor() -> None:
    assert {model._meta.app_label for model in apps.get_models()} <= set(FLOORS)


def test_no_field_asks_the_machines_clock() -> None:
    assert asking_the_machine(apps.get_models()) == []


@isolate_apps("coaching")
def test_a_field_that_asks_the_machines_clock_is_found() -> None:
    class Restless(models.Model):
        made_at = models.DateTimeField(auto_now_add=True)

        class Meta:
            app_label = "coaching"

        def __str__(self) -> str:
            return "restless"

    assert asking_the_machine([Restless]) == ["coaching.Restless.made_at"]
