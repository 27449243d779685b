"""Tests of the recipe's own Python code.

They run in any Python 3.13 with pytest, and inside the image; those marked `image` need the real Airflow, and so run
only where it is installed.

python -m pytest compose/images/airflow/tests
"""

import importlib.util
import sys
from pathlib import Path

import pytest

RECIPE = Path(__file__).parent.parent
if (RECIPE / "stack_launcher").is_dir():
    sys.path.insert(0, str(RECIPE))


def pytest_configure(config):
    config.addinivalue_line("markers", "image: needs the real Airflow, as the image has it")


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("airflow") is None:
        for item in items:
            if item.get_closest_marker("image"):
                item.add_marker(pytest.mark.skip(reason="needs the real Airflow; runs inside the image"))
