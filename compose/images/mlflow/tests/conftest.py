"""Lets the tests run from the repository as well as in the image, where the package is installed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
