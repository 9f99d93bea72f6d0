import pytest
from tests import world
pytestmark = pytest.mark.django_db
def test_y():
    v = world.example()
    e = world.consented(v, email="a@b.example")
    print(e, e.contact_at, list(e.occasions.values_list("key","state")))
    world.tiny(); world.staff(v.study); world.invited(v.study)
