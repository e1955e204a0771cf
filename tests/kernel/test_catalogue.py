"""Named parts are loaded when they are asked for."""

import pytest

from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import RoadworthyError


def test_listing_loads_nothing() -> None:
    catalogue: Catalogue[object] = Catalogue("learner", {"one": "no_such_module_anywhere:thing"})
    assert list(catalogue) == ["one"]
    assert "one" in catalogue
    with pytest.raises(ModuleNotFoundError):
        catalogue["one"]


def test_a_wrong_name_offers_the_nearest() -> None:
    catalogue: Catalogue[object] = Catalogue("learner", {"random_forest": "os:getcwd"})
    with pytest.raises(RoadworthyError, match='did you mean "random_forest"'):
        catalogue["random_forrest"]
