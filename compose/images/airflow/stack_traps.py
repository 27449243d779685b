"""For modules that are imported at every start of Python, and so do nothing before they have to."""

from __future__ import annotations

import sys
from importlib.util import find_spec

# For who checks the types; `typing` itself would be imported for nothing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class AfterImport:
    """A meta path finder that finds one module, and repairs it once it is loaded."""

    def __init__(self, name: str, repair: Callable[[Any], None]) -> None:
        """`repair` is given the module."""
        self._name = name
        self._repair = repair

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_repair(module: ModuleType) -> None:
            load(module)
            self._repair(module)

        spec.loader.exec_module = load_and_repair  # type: ignore[method-assign]
        return spec
